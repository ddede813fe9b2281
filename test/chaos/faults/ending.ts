import { ticketWorkflowId } from '../../../src/contract.ts';
import { stepsTaken } from '../ledger.ts';
import type { Cast } from './acting.ts';
import { stillDegraded } from './healing.ts';
import type { Scene } from './scene.ts';
import { type Patience, untilNothing } from './until.ts';

/** What is parked as often as that, though nothing is broken any more, is left parked: else it moves for ever. */
const MOST_RETRIES = 20;
const OVER = ['solved', 'closed'];

/**
 * Nothing is broken any more: what is parked is tried again as an operator would, every ticket is solved by an agent, and all that is under
 * way comes to rest. Answers what does not; of a machine that is slow it is only asked that something moves.
 */
export async function comeToRest(scene: Scene, cast: Cast): Promise<readonly string[]> {
  const waiting = { soFar: () => soFar(scene, cast) };
  const found = [
    ...(await lastWords(cast, waiting)),
    ...(await untilNothing(() => solveAll(scene, cast), waiting)),
    ...(await untilNothing(() => underWay(scene, cast), waiting)),
    ...(await untilNothing(async () => openIncidents(scene), waiting)),
    ...(await untilNothing(() => notOver(scene), waiting)),
  ];
  // What an incident had looked at again.
  return [...found, ...(await untilNothing(() => underWay(scene, cast), waiting))];
}

/** Rises with every row that is written, every event of a ticket's history, and every word of somebody outside that is taken. */
async function soFar({ db, temporal }: Scene, { kinds, spoken }: Cast): Promise<readonly number[]> {
  const lengths = [...kinds.keys()].map(async (id) => {
    const known = await temporal.workflow
      .getHandle(ticketWorkflowId(id))
      .describe()
      .catch(() => undefined);
    return known?.historyLength ?? 0;
  });
  const events = (await Promise.all(lengths)).reduce((sum, length) => sum + length, 0);
  return [await stepsTaken(db), events, spoken.ended];
}

/** What people said last is said until it is taken. */
async function lastWords(cast: Cast, waiting: Patience): Promise<readonly string[]> {
  const { spoken } = cast;
  const missing = await untilNothing(async () => {
    const left = spoken.begun - spoken.ended;
    return left === 0 ? [] : [`not taken: ${left} of what people said`];
  }, waiting);
  cast.isOver = true;
  return [...missing, ...spoken.failed];
}

/** Incidents of providers that are not over, and tickets that still wait for one of them. */
async function notOver({ db }: Scene): Promise<string[]> {
  const incidents = await db.selectFrom('provider_incidents').selectAll().where('over_at', 'is', null).execute();
  const waiting = await stillDegraded(db);
  return [...incidents.map(({ id, provider }) => `incident ${id} of ${provider} is not over`), ...waiting];
}

/** The tickets that are not solved, after an operator and an agent have tried. */
async function solveAll({ db, client, read }: Scene, { kinds, retried }: Cast): Promise<string[]> {
  for (const { ticketId, step } of await read.parked()) {
    const times = retried.get(ticketId) ?? 0;
    if (times >= MOST_RETRIES) continue;
    // Before it is known to be taken: what nobody answered may have been.
    retried.set(ticketId, times + 1);
    await client.operate(ticketId, 'retry', { step }).catch(() => {});
  }
  const rows = await db.selectFrom('tickets').select(['id', 'state']).execute();
  const states = new Map(rows.map(({ id, state }) => [id, state]));
  const open = [...kinds.keys()].filter((id) => !OVER.includes(states.get(id) ?? ''));
  for (const id of open) await client.resolve(id, { agentId: 'ana' }).catch(() => {});
  return open.map((id) => `stuck: ${id} is ${states.get(id) ?? 'nowhere'}`);
}

async function underWay({ temporal }: Scene, cast: Cast): Promise<string[]> {
  const found: string[] = [];
  for (const id of cast.kinds.keys()) {
    const { raw } = await temporal.workflow.getHandle(ticketWorkflowId(id)).describe();
    const activities = (raw.pendingActivities ?? []).map(({ activityType }) => activityType?.name ?? '');
    if (activities.length > 0) found.push(`still at work: ${id} ${activities.join(', ')}`);
    if (raw.pendingWorkflowTask) found.push(`still at work: ${id}, a workflow task`);
  }
  return found;
}

function openIncidents({ pagerDuty }: Scene): string[] {
  const open = pagerDuty.incidents.filter(({ status }) => status !== 'resolved');
  return open.map(({ key, status }) => `incident of a solved ticket: ${key} is ${status}`);
}
