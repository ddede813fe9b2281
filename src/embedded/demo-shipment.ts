/** `npm run demo -- shipment`: flows/shipment-delay.asl.yaml from end to end, on stand-ins for the systems that it calls. */
import { randomBytes } from 'node:crypto';
import type { ReadFiles } from '../compose-files.ts';
import { namedSecret } from '../config.ts';
import type { FlowClient, FlowEnd } from '../deps-flow.ts';
import { StewardError } from '../domain/errors.ts';
import type { Json } from '../domain/json.ts';
import { orAborted } from '../ending.ts';
import { createLog } from '../log.ts';
import { Secret } from '../secret.ts';
import { createStops } from '../stops.ts';
import { installRuntime } from '../temporal/connect.ts';
import { runSuffix } from './demo-data.ts';
import type { DemoStackOptions } from './demo-stack.ts';
import { type AskedOfSystem, type Systems, startSystems } from './demo-systems.ts';
import { holderOf, holdState } from './hold.ts';
import { startSteward } from './start.ts';

/** What became of one shipment; the shape of `npm run demo -- shipment --json`. */
export interface ShipmentOutcome {
  readonly run: string;
  readonly end: FlowEnd;
  /** What the systems were asked by then, in order. */
  readonly asked: readonly string[];
  /** Is anything reserved for it in the end? */
  readonly reserved: boolean;
}

export interface ShipmentResult {
  readonly outcomes: readonly ShipmentOutcome[];
  /** Everything that did not go as it should, in words; empty when all is well. */
  readonly troubles: readonly string[];
}

interface Story {
  readonly shipment: string;
  readonly title: string;
  /** What the carrier's webhook told. */
  readonly delay?: { readonly hours: number };
  /** The carrier takes no word of the replacement. */
  readonly refused?: boolean;
  readonly expected: FlowEnd;
}

const STORIES: readonly Story[] = [
  {
    shipment: 'SHP-2026-0423',
    title: 'the flow finds by a look at the carrier that it is late',
    expected: { status: 'succeeded', output: { shipment: 'SHP-2026-0423', told: true, warehouse: 'north' } },
  },
  {
    shipment: 'SHP-2026-0424',
    title: 'the carrier has told of the delay, and then takes no word of the replacement',
    delay: { hours: 30 },
    refused: true,
    expected: { status: 'failed', error: 'NotRerouted', cause: 'the reservation is released' },
  },
];

export interface ShipmentStage {
  readonly flows: Pick<FlowClient, 'start' | 'end'>;
  readonly systems: Systems;
  readonly say: (line: string) => void;
}

/** Runs the flow for one shipment after another, and tells each one's way. */
export async function runShipments({ flows, systems, say }: ShipmentStage): Promise<ShipmentResult> {
  const outcomes: ShipmentOutcome[] = [];
  const troubles: string[] = [];
  for (const { shipment, title, delay, refused, expected } of STORIES) {
    const run = `demo-${shipment}${runSuffix()}-${randomBytes(2).toString('hex')}`;
    say(`\n${shipment}: ${title}`);
    if (refused) systems.refused.add(shipment);
    const from = systems.asked.length;
    const about = { shipment, order: shipment.replace('SHP', 'ORD'), customerId: 'CUST-8921' };
    const input: Json = { ...about, systems: { ...systems.at }, ...(delay ? { delay } : {}) };
    await flows.start(run, { flow: 'shipment-delay', input });
    const end = await flows.end(run);
    const reserved = systems.reserved.has(run);
    say(`  ended     ${sayEnd(end)}; ${reserved ? 'goods are reserved' : 'nothing is reserved'}`);
    outcomes.push({ run, end, asked: systems.asked.slice(from).map(sayAsked), reserved });
    if (JSON.stringify(end) !== JSON.stringify(expected)) {
      troubles.push(`${shipment}: ended as ${sayEnd(end)}, should be ${sayEnd(expected)}`);
    }
    if (reserved !== (expected.status === 'succeeded')) {
      troubles.push(`${shipment}: ${reserved ? 'goods are still reserved' : 'nothing is reserved for it'}`);
    }
  }
  return { outcomes, troubles };
}

function sayEnd(end: FlowEnd): string {
  return end.status === 'succeeded' ? `succeeded, ${JSON.stringify(end.output)}` : `${end.error}: ${end.cause}`;
}

export function sayAsked({ system, method, path, body, status, isRepeat }: AskedOfSystem): string {
  const said = body === null ? '' : ` ${JSON.stringify(body)}`;
  return `${system.padEnd(9)} ${method} ${path}${said} -> ${status}${isRepeat ? ', as before' : ''}`;
}

const SECRET = 'STEWARD_DEMO_SECRET';

/** On a Steward of its own, whose flows may call the stand-ins beside the hosts of policies/http.yaml. */
export async function demoShipments(options: DemoStackOptions): Promise<ShipmentResult> {
  const { config, say, signal } = options;
  const holder = await holderOf(config.stateDir);
  if (holder !== undefined) {
    throw new StewardError(
      'Unavailable',
      `Steward runs already (process ${holder}), and its flows may not call the demo's systems. Stop it first, or set STEWARD_STATE_DIR and the ports to run a second one.`,
    );
  }
  const stops = createStops();
  try {
    stops.add(await holdState(config.stateDir));
    const log = createLog(config.logLevel);
    installRuntime((level, message) => (level === 'ERROR' ? log.error(message) : log.warn(message)));
    const secret = new Secret(`whsec_${randomBytes(24).toString('base64')}`);
    const systems = await startSystems(secret.reveal(), (asked) => say(`  ${sayAsked(asked)}`));
    stops.add(systems.stop);
    const started = await startSteward({
      ...options,
      sendDemo: false,
      namedSecret: (name) => (name === SECRET ? secret : namedSecret(name)),
      adapt: (files) => allowing(files, systems),
    });
    stops.add(started.stop);
    const shown = runShipments({ flows: started.steward.flows, systems, say });
    return await orAborted(signal, Promise.race([shown, started.failed]));
  } finally {
    await stops.run();
  }
}

function allowing(files: ReadFiles, { at }: Systems): ReadFiles {
  const { hosts = [], timeout = 30_000 } = files.http ?? {};
  const ours = Object.values(at).map((url) => {
    return { host: new URL(url).host, secretEnv: [SECRET], headersEnv: {}, addresses: 'public' as const };
  });
  return { ...files, http: { timeout, hosts: [...hosts, ...ours] } };
}
