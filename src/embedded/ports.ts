import { randomInt } from 'node:crypto';
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

// Below the ports that Linux and macOS give to whoever asks for any: no connection that is made meanwhile can take it.
const CHOSEN_FROM = 10_000;
const CHOSEN_BELOW = 32_768;

/** A port that was free a moment ago, and that only somebody who chooses it too can take; for tests. */
export async function freePort(): Promise<number> {
  for (let tries = 1; ; tries++) {
    try {
      return await listenOnce(randomInt(CHOSEN_FROM, CHOSEN_BELOW));
    } catch (error) {
      if (tries >= 50) throw error;
    }
  }
}

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => server.close(() => resolve(port)));
  });
}
