import { setTimeout as sleep } from 'node:timers/promises';
import { findAddresses } from '../addresses.ts';
import { composeOperator, type Operator } from '../compose-operator.ts';
import type { Config, Secrets } from '../config.ts';
import type { TicketEnvelope } from '../domain/envelope.ts';
import { StewardError } from '../domain/errors.ts';
import { hashKey, newKey } from '../http/keys.ts';
import { createLog } from '../log.ts';
import { createStops } from '../stops.ts';
import { installRuntime } from '../temporal/connect.ts';
import type { DemoStage } from './demo-run.ts';
import { holderOf, holdState } from './hold.ts';
import { startSteward } from './start.ts';
import type { Environment } from './temporal-version.ts';

export interface DemoStack {
  readonly operator: Operator;
  readonly post: DemoStage['post'];
  /** Rejects when a part that was started here fails. */
  readonly failed: Promise<never>;
  /** Takes back the key, and stops what was started here. */
  readonly close: () => Promise<void>;
}

export interface DemoStackOptions {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly environment: Environment;
  readonly say: (line: string) => void;
  /** Ends the opening, where it is under way. */
  readonly signal: AbortSignal;
}

/** On the Steward that runs on this state directory, else on one that is started for the demo alone. */
export async function openDemoStack(options: DemoStackOptions): Promise<DemoStack> {
  const { config, secrets, say, signal } = options;
  const stops = createStops();
  try {
    const holder = await holderOf(config.stateDir);
    let failed: Promise<never> = new Promise(() => {});
    if (holder === undefined) {
      stops.add(await holdState(config.stateDir));
      // Only where a worker runs here.
      const log = createLog(config.logLevel);
      installRuntime((level, message) => (level === 'ERROR' ? log.error(message) : log.warn(message)));
      // The demo sends its tickets itself, each by the front door.
      const started = await startSteward({ ...options, sendDemo: false });
      stops.add(started.stop);
      failed = started.failed;
      if (started.newKey) say(`API key made on this first start (shown this once): ${started.newKey}`);
    } else {
      say(`Steward runs already (process ${holder}): the tickets go there`);
    }
    const url = gatewayUrl(config);
    await untilReady(url, signal);
    const operator = await composeOperator(config, (await findAddresses(config, secrets)).databaseUrl, secrets);
    stops.add(operator.close);
    const key = newKey();
    const keyId = await operator.keys.add('demo', hashKey(key));
    stops.add(() => operator.keys.revoke(keyId));
    return { operator, failed, close: stops.run, post: (envelope) => post(url, key, envelope) };
  } catch (error) {
    await stops.run().catch((trouble: unknown) => say(`Stopping: ${String(trouble)}`));
    throw error;
  }
}

/** The gateway as this machine reaches it; its public address may lead over a proxy. */
function gatewayUrl({ gateway }: Config): string {
  // A certificate is for the name that others reach it by.
  if (gateway.tls) return gateway.publicUrl;
  const host = gateway.host === '0.0.0.0' || gateway.host === '::' ? '127.0.0.1' : gateway.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${gateway.port}`;
}

const READY_MS = 30_000;

async function untilReady(url: string, signal: AbortSignal): Promise<void> {
  for (const end = Date.now() + READY_MS; ; await sleep(200, undefined, { signal })) {
    const ready = await fetch(`${url}/readyz`, { headers: CLOSE }).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) return;
    if (Date.now() > end) {
      throw new StewardError(
        'Unavailable',
        `The gateway at ${url} was not ready within ${READY_MS / 1000} s. Is STEWARD_PORT the one that Steward was started with?`,
      );
    }
  }
}

/** A connection that is kept alive would hold up the end. */
const CLOSE = { connection: 'close' };

async function post(url: string, key: string, envelope: TicketEnvelope): Promise<{ known: boolean }> {
  const response = await fetch(`${url}/v1/events`, {
    method: 'POST',
    headers: { ...CLOSE, authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(envelope),
  });
  if (response.ok) return { known: response.status === 200 };
  throw new StewardError(
    'Unavailable',
    `The gateway answered ${response.status} to ${envelope.detail.ticketId}: ${await response.text()}`,
  );
}
