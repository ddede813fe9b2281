import { condition, continueAsNew, setCurrentDetails, setHandler, sleep, workflowInfo } from '@temporalio/workflow';
import { type HealArgs, incidentDue } from '../contract.ts';
import { type IncidentLook, type IncidentOccasion, sayLook } from '../domain/incident.ts';
import { FIRST_PAUSE_MS, LONGEST_PAUSE_MS, PATIENCE_MS, tellingSteps } from './telling.ts';

/** Of incidents that began before their workflow was told. */
const LOST_AFTER_MS = 30_000;

/**
 * An incident from the opened circuit to its end: tells the admins, probes until the provider is back, tells them, and has tickets that did
 * without it looked at again. What there is to know lies in `provider_incidents`: should this workflow be gone, another goes on.
 */
export async function healProvider(args: HealArgs): Promise<void> {
  const healing = tellingSteps(args.lostAttemptMs ?? LOST_AFTER_MS);
  let due = false;
  setHandler(incidentDue, () => {
    due = true;
  });
  const told = new Set<IncidentOccasion>();
  const tell = async (occasion: IncidentOccasion): Promise<boolean> => {
    if (!told.has(occasion) && (await healing.tellIncident({ ...args, occasion }))) told.add(occasion);
    return told.has(occasion);
  };
  const tend = async (): Promise<IncidentLook> => {
    due = false;
    const look = await healing.tendIncident(args);
    setCurrentDetails(sayLook(look));
    return look;
  };

  let look = await tend();
  while (look.standing === 'open') {
    await tell('opened');
    if (look.stopped !== null) await tell('stopped');
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof healProvider>(args);
    await condition(() => due, look.nextMs, { summary: 'Until the next probe' });
    look = await tend();
  }
  if (look.standing === 'over') return;
  await tell('closed');
  while ((await healing.lookAgainAt(args)) > 0) {
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof healProvider>(args);
    await sleep('1s', { summary: 'Until the next tickets are looked at again' });
  }
  const until = Date.now() + PATIENCE_MS;
  for (let pause = FIRST_PAUSE_MS; !(await tell('closed')) && Date.now() < until; ) {
    await sleep(pause, { summary: 'Telling the admins again' });
    pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
  }
  await healing.endIncident(args);
}
