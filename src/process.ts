/** What `worker.ts` and `gateway.ts` share: configuration to ground, and a clean end on a signal. */
import { compose, type Settled } from './compose.ts';
import { namedSecret, readConfig } from './config.ts';
import { StewardError } from './domain/errors.ts';
import { aborted, askedToEnd, createFailures, leave, orAborted } from './ending.ts';
import { createLog, type Log } from './log.ts';
import type { Ground } from './steward.ts';
import { createStops } from './stops.ts';
import { connectTemporal, installRuntime } from './temporal/connect.ts';
import { transportWarnings } from './transport.ts';

/** Runs one half of Steward until a signal ends it, or until it fails. The exit code tells which. */
export async function runProcess(
  name: string,
  start: (ground: Ground) => Promise<{ readonly stop: () => Promise<void>; readonly failed: Promise<unknown> }>,
): Promise<void> {
  const asked = askedToEnd();
  // Nothing that a start holds outlives the process: one that is asked to end before it got through ends at once.
  const step = <T>(work: Promise<T>): Promise<T> => orAborted(asked, work);
  const stops = createStops();
  let log: Log | undefined;
  const { tell, exitCode } = createFailures((words, code) => {
    if (log) log.error({ code }, words);
    else process.stderr.write(`${words}\n`);
  });
  try {
    const { settled, address, warnings } = settle(name);
    log = createLog(settled.config.logLevel);
    const say = log;
    for (const warning of warnings) say.warn(warning);
    installRuntime((level, message) => (level === 'ERROR' ? say.error(message) : say.warn(message)));
    const composed = await step(compose(settled));
    const temporal = await step(connectTemporal(address, composed.dataConverter));
    const running = await step(start({ settled, composed, temporal, log }));
    stops.add(composed.close);
    stops.add(() => temporal.connection.close());
    stops.add(running.stop);
    log.info({ process: name }, 'ready');
    await Promise.race([aborted(asked), running.failed]);
  } catch (error) {
    if (!asked.aborted) tell(error);
  }
  await stops.run().catch(tell);
  await leave(exitCode());
}

/** A process of its own needs its servers named: it starts none. */
function settle(name: string): {
  settled: Settled;
  address: Parameters<typeof connectTemporal>[0];
  warnings: readonly string[];
} {
  const { config, secrets } = readConfig();
  const missing = [
    config.temporal.address === undefined ? 'TEMPORAL_ADDRESS (host:port of the Temporal server)' : '',
    secrets.databaseUrl === undefined ? 'DATABASE_URL (postgres://user:password@host:port/database)' : '',
    secrets.linkSecret === undefined
      ? 'STEWARD_LINK_SECRET (32 letters or more, the same for worker and gateway; it signs status-page links and gives new customers their ids)'
      : '',
    config.encryption.kekFile === undefined
      ? 'STEWARD_KEK_FILE (the file with the key-encryption key, the same for worker and gateway; it is made where it is not there yet)'
      : '',
  ].filter((setting) => setting !== '');
  if (config.temporal.address === undefined || !secrets.databaseUrl || !secrets.linkSecret || missing.length > 0) {
    throw new StewardError(
      'InvalidConfig',
      `The ${name} needs ${missing.join(', ')}. To run everything in one process on servers of its own: npm start`,
    );
  }
  return {
    warnings: transportWarnings(config, secrets, secrets.databaseUrl),
    settled: {
      config,
      databaseUrl: secrets.databaseUrl,
      linkSecret: secrets.linkSecret,
      slackToken: secrets.slackToken,
      slackSigningSecret: secrets.slackSigningSecret,
      pagerDutyKey: secrets.pagerDutyKey,
      aws: secrets.aws,
      assertionSecret: secrets.assertionSecret,
      namedSecret,
    },
    address: {
      address: config.temporal.address,
      namespace: config.temporal.namespace,
      apiKey: secrets.temporalApiKey,
      tls: config.temporal.tls,
    },
  };
}
