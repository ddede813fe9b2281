import { createServer } from 'node:net';
import { StewardError } from '../domain/errors.ts';

const LOOPBACK = '127.0.0.1';

export interface PortUse {
  /** What would listen there, such as `the Temporal Web UI`. */
  readonly what: string;
  /** The setting that moves it, such as `STEWARD_UI_PORT`. */
  readonly setting: string;
}

/** @throws StewardError PortTaken */
export async function assertPortFree(port: number, use: PortUse): Promise<void> {
  try {
    await listenOnce(port);
  } catch (error) {
    throw new StewardError(
      'PortTaken',
      `Port ${port}, wanted for ${use.what}, is taken (or not allowed). End what listens there, or set ${use.setting} to a free port.`,
      { cause: error },
    );
  }
}

/** A port that was free a moment ago; for tests. */
export async function freePort(): Promise<number> {
  return listenOnce(0);
}

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port));
    });
  });
}
