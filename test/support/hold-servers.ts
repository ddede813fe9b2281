/** Process for tests: `hold-servers DIR POSTGRES_PORT TEMPORAL_PORT BINARY SERVER_VERSION` starts both, prints their pids and waits. */
import { startPostgres } from '../../src/embedded/postgres.ts';
import { startTemporalServer } from '../../src/embedded/temporal-server.ts';

const [dir = '', postgresPort, temporalPort, path = '', server = ''] = process.argv.slice(2);
const [postgres, temporal] = await Promise.all([
  startPostgres({ dir, port: Number(postgresPort) }),
  startTemporalServer({ dir, port: Number(temporalPort), binary: { path, server } }),
]);
process.stdout.write(`${JSON.stringify({ postgres: postgres.pid, temporal: temporal.pid })}\n`);

// What a Ctrl-C does: first one, then the other, in our order.
process.once('SIGINT', () => {
  void temporal
    .stop()
    .then(() => postgres.stop())
    .then(() => process.exit(0));
});
