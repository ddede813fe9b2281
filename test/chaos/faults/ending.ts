import { ticketWorkflowId } from '../../../src/contract.ts';
import type { Cast } from './acting.ts';
import { stillDegraded } from './healing.ts';
import type { Scene } from './scene.ts';
import { untilNothing } from './until.ts';

const PATIENCE_MS = 180_000;
const OVER = ['solved', 'closed'];

/**
 * Nothing is broken any more: what is parked is tried again as an operator would, every ticket is solved by an agent, and all that is under
 * way comes to rest. Answers what does not.
 */
export async function comeToRest(scene: Scene, cast: Cast): Promise<readonly string[]> {
  cast.end = Date.now() + PATIENCE_MS;
  const lost = (await Promise.allSettled(cast.under)).flatMap((one) =>
    one.status === 'rejected' ? [`not taken in ${PATIENCE_MS / 1000} s: ${one.reason}`] : [],
  );
  const open = await untilNothing(() => solveAll(scene, cast), { ms: PATIENCE_MS, every: 1_000 });
  const moving = await untilNothing(() => underWay(scene, cast), { ms: PATIENCE_MS, every: 500 });
  const incidents = await untilNothing(async () => openIncidents(scene), { ms: PATIENCE_MS });
  const unhealed = await untilNothing(() => notOver(scene), { ms: PATIENCE_MS, every: 500 });
  // What an incident had looked at again.
  const again = await untilNothing(() => underWay(scene, cast), { ms: PATIENCE_MS, every: 500 });
  return [...lost, ...open, ...moving, ...incidents, ...unhealed, ...again];
}

/** Incidents of providers that are not over, and tickets that still wait for one of them. */
async function notOver({ db }: Scene): Promise<string[]> {
  const incidents = await db.selectFrom('provider_incidents').selectAll().where('over_at', 'is', null).execute();
  const waiting = await stillDegraded(db);
  return [...incidents.map(({ id, provider }) => `incident ${id} of ${provider} is not over`), ...waiting];
}

/** The tickets that are not solved, after an operator and an agent have tried. */
async function solveAll({ db, client, read }: Scene, cast: Cast): Promise<string[]> {
  for (const { ticketId, step } of await read.parked())
    await client.operate(ticketId, 'retry', { step }).catch(() => {});
  const rows = await db.selectFrom('tickets').select(['id', 'state']).execute();
  const states = new Map(rows.map(({ id, state }) => [id, state]));
  const open = [...cast.kinds.keys()].filter((id) => !OVER.includes(states.get(id) ?? ''));
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
