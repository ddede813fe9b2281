import { CancellationScope, condition, sleep } from '@temporalio/workflow';
import type { OpenedErasure } from '../activities/erase/request.ts';
import type { ToTell } from '../activities/erase/tell.ts';
import type { ErasureArgs, ErasureResult } from '../contract.ts';
import { type ErasureOutcome, type MadeDecision, STORES } from '../domain/erase.ts';
import { isSince } from './changes.ts';
import { erasing, mailing, patiently, telling } from './erase-activities.ts';
import { watchDeadline } from './erase-clock.ts';
import { hearErasure } from './erase-handlers.ts';
import { createMatter, extensionTold, type Matter, owesExtension } from './erase-matter.ts';
import { failureOf } from './failure.ts';

/**
 * One person's way to be forgotten, from the question to the last look. Its payloads hold ids and labels only, under a key that is not
 * the person's: it lives on after the shred, and can be replayed.
 */
export async function eraseCustomer({ requestId }: ErasureArgs): Promise<ErasureResult> {
  // Half an erasure helps nobody: a request to cancel is not followed. An officer refuses by update.
  return CancellationScope.nonCancellable(async () => {
    const opened = await open(requestId);
    // The gateway starts the workflow first and then writes the request down; it died between the two, and nobody was told yes.
    if (opened === null) return { requestId, outcome: 'abandoned' };
    const matter = createMatter(requestId, opened);
    hearErasure(matter);
    watchDeadline(matter);
    const outcome = await (opened.resume ? resume(matter, opened.resume) : follow(matter));
    return matter.end(outcome);
  });
}

/** Before this nothing is known of the request, and nobody would hear that it is parked: it is asked for until it comes. */
async function open(requestId: string): Promise<OpenedErasure | null> {
  for (let pause = SECOND_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      return await erasing().openErasure(requestId);
    } catch (error) {
      const { error: name } = failureOf(error);
      if (!isSince('opens-however-late')) throw error;
      await sleep(pause, { summary: `openErasure has failed (${name}); tried again then` });
    }
  }
}
const SECOND_MS = 1_000;
/** What waits for weeks must not fill its history: a round is a dozen of 51,200 events. */
const LONGEST_PAUSE_MS = 15 * 60_000;

/** Whom it is about nobody knows any more: what its lost workflow has left to do needs no name. */
async function resume(matter: Matter, { at, verdict }: NonNullable<OpenedErasure['resume']>): Promise<ErasureOutcome> {
  // What the silent ones have to be told lies apart, for as long as the window is open.
  if (isSince('asks-on-when-begun-anew')) {
    const silent = await matter.step('recipients', () => erasing().recipientsToTell(matter.requestId));
    if (silent.length > 0) void pursue(matter, silent);
  }
  if (at === 'shred') await shred(matter);
  await lookAgain(matter);
  return outcomeOf(verdict);
}

function outcomeOf(verdict: MadeDecision['verdict']): ErasureOutcome {
  return verdict === 'erase' ? 'erased' : 'partlyErased';
}

async function follow(matter: Matter): Promise<ErasureOutcome> {
  if (!(await prove(matter))) return 'notProved';
  if ((await takeTurn(matter)) === 'nobody') {
    await tellPerson(matter);
    return 'nobody';
  }
  if ((await coolOff(matter)) === 'withdrawn') return 'withdrawn';
  const decision = await decide(matter);
  if (decision === 'superseded') return yieldToPerson(matter);
  if (decision.verdict === 'refuse') return refuse(matter);
  await freeze(matter);
  const verdict = await decideAgain(matter);
  if (verdict === 'superseded') return yieldToPerson(matter);
  if (verdict === 'refuse') return refuse(matter);
  await emptyStores(matter);
  await tellRecipients(matter);
  await tellPerson(matter);
  await shred(matter);
  await lookAgain(matter);
  return outcomeOf(verdict);
}

/** The code goes to the address on file; whoever enters it has the address. Also when nobody is known: all looks the same from outside. */
async function prove(matter: Matter): Promise<boolean> {
  const { requestId, timings } = matter;
  if (!matter.proved) {
    await matter.enter('proving');
    await matter.step('sendCode', () => mailing(matter).mailCode(requestId));
    await condition(() => matter.proved, timings.codeMs, { summary: 'The code is valid until then' });
  }
  // The signal may have been lost with the gateway; what counts is in the database.
  return matter.step('proof', () => erasing().isProved(requestId));
}

/**
 * A second request for the same person waits until the first has ended: what is left of them is its answer. One that the person has proved
 * waits for none that an officer only vouched for: it goes on in the place of that one.
 */
async function takeTurn(matter: Matter): Promise<'taken' | 'nobody'> {
  for (let pause = matter.timings.turnMs; ; pause = Math.max(pause, Math.min(2 * pause, LONGEST_PAUSE_MS))) {
    const turn = await matter.step('turn', () => erasing().takeTurn(matter.requestId));
    if (turn.found === 0) return 'nobody';
    if (turn.behind === null) return 'taken';
    await matter.enter('waiting');
    await sleep(isSince('turns-wait-longer') ? pause : matter.timings.turnMs, { summary: `Behind ${turn.behind}` });
  }
}

/**
 * Whoever has the address hears of it before anything is decided, and may stop it: the code may have been read by somebody else. The
 * month runs on meanwhile.
 */
async function coolOff(matter: Matter): Promise<'passed' | 'withdrawn'> {
  const { coolingOffMs } = matter.timings;
  if (coolingOffMs === undefined || !isSince('cooling-off')) return 'passed';
  await matter.enter('cooling');
  const told = await matter.step('tellCooling', () => mailing(matter).mailCoolingOff(matter.requestId, coolingOffMs));
  if (told === false) return 'passed';
  // From when the mail is out: it says how long there is.
  matter.cool(Date.now() + coolingOffMs);
  await condition(() => matter.withdrawn || matter.superseded, coolingOffMs, {
    summary: 'The person may stop it until then',
  });
  matter.cool(undefined);
  // Not what the timer says: whoever was told that it is stopped, in the same moment, has stopped it.
  return matter.withdrawn ? 'withdrawn' : 'passed';
}

async function decide(matter: Matter): Promise<MadeDecision | 'superseded'> {
  await matter.enter('deciding');
  const decision = await matter.step('decide', () => erasing().decideErasure(matter.requestId));
  if (!decision.approval) return decision;
  const ruling = await askOfficers(matter);
  if (ruling === 'superseded') return 'superseded';
  return ruling === 'refused' ? { ...decision, verdict: 'refuse' } : decision;
}

async function askOfficers(matter: Matter): Promise<'approved' | 'refused' | 'superseded'> {
  await matter.enter('approving');
  await matter.step('tellOfficers', () => mailing(matter).mailOfficers(matter.requestId, 'approval'));
  await condition(() => matter.ruling !== undefined || matter.superseded);
  return matter.ruling ?? 'superseded';
}

/** What it had taken is the person's own request's already. Officers were asked to approve it, so they hear that they need not. */
async function yieldToPerson(matter: Matter): Promise<ErasureOutcome> {
  await matter.step('tellSuperseded', () => mailing(matter).mailOfficers(matter.requestId, 'superseded'));
  return 'superseded';
}

async function refuse(matter: Matter): Promise<ErasureOutcome> {
  await matter.enter('telling');
  await tellPerson(matter);
  await matter.step('release', () => erasing().releaseSubject(matter.requestId));
  return 'refused';
}

/** What became of the request; after the letter of an extension, where there is one under way. */
function tellPerson(matter: Matter): Promise<void> {
  const tell = () => matter.step('tellPerson', () => mailing(matter).mailOutcome(matter.requestId));
  // Not awaited here where nothing has to be: a history from before would have its steps in another order.
  return owesExtension(matter) ? extensionTold(matter).then(tell) : tell();
}

/** From here on nothing new begins for the person, and what runs ends: no workflow may need a key that is about to go. */
async function freeze(matter: Matter): Promise<void> {
  await matter.enter('freezing');
  await matter.step('freeze', () => erasing().freezeSubject(matter.requestId));
  await matter.step('drain', () => patiently().drainTickets(matter.requestId));
  // Only now: until here their tickets have written to people, and each of these messages has to be found again.
  await matter.step('remember', () => erasing().rememberSubject(matter.requestId));
}

/** A legal hold may have come since. What nobody had to approve of then, somebody may have to now. */
async function decideAgain(matter: Matter): Promise<MadeDecision['verdict'] | 'superseded'> {
  await matter.enter('erasing');
  const again = await matter.step('decideAgain', () => erasing().decideAgain(matter.requestId, 'start'));
  // In a history from before.
  if (typeof again === 'string') return again;
  if (again.verdict === 'refuse' || !again.mustBeApproved) return again.verdict;
  const ruling = await askOfficers(matter);
  if (ruling === 'superseded') return 'superseded';
  if (ruling === 'refused') return 'refuse';
  await matter.enter('erasing');
  return again.verdict;
}

async function emptyStores(matter: Matter): Promise<void> {
  for (const store of STORES)
    await matter.step(`erase:${store}`, () => patiently().emptyStore(matter.requestId, store));
}

/** Art. 19. Who does not answer stays open: asked again beside the erasure for as long as the window is open. */
async function tellRecipients(matter: Matter): Promise<void> {
  await matter.enter('telling');
  const recipients = await matter.step('recipients', () => erasing().recipientsToTell(matter.requestId));
  let silent = await tellAll(matter, recipients);
  if (silent.length > 0) {
    // Whoever was only just away need not be named to the person.
    await sleep(ONCE_MORE_MS, { summary: 'Before recipients are asked once more' });
    silent = await tellAll(matter, silent);
  }
  if (silent.length > 0) void pursue(matter, silent);
}

async function pursue(matter: Matter, silent: readonly ToTell[]): Promise<void> {
  let open = silent;
  for (let pause = matter.timings.askAgainMs; open.length > 0; pause = Math.min(2 * pause, DAY_MS)) {
    const names = open.map(({ name }) => name).join(', ');
    if (await condition(() => matter.ended, pause, { summary: `Asking ${names} again` })) return;
    open = await tellAll(matter, open);
  }
}
const ONCE_MORE_MS = 2_000;
const DAY_MS = 24 * 3_600_000;

/** All at once, and not for long: one that is silent holds up neither the others nor the erasure. Answers who was. */
async function tellAll(matter: Matter, recipients: readonly ToTell[]): Promise<readonly ToTell[]> {
  const told = await Promise.all(recipients.map((recipient) => tell(matter, recipient)));
  return recipients.filter((_, i) => told[i] === 'open');
}

async function tell(matter: Matter, recipient: ToTell): Promise<'told' | 'nothing' | 'open'> {
  try {
    return await telling(matter, recipient).tellRecipient(matter.requestId, recipient.name);
  } catch (error) {
    failureOf(error);
    return 'open';
  }
}

async function shred(matter: Matter): Promise<void> {
  await matter.enter('shredding');
  // What a terminated ticket had under way may have been written down since.
  await matter.step('drainAgain', () => patiently().drainTickets(matter.requestId));
  await matter.step('decideAgain', () => erasing().decideAgain(matter.requestId, 'shred'));
  await emptyStores(matter);
  await matter.step('fingerprint', () => erasing().takeFingerprints(matter.requestId));
  await matter.step('shred', () => erasing().shredKeys(matter.requestId));
  await matter.step('deleteHistories', () => patiently().deleteHistories(matter.requestId));
}

async function lookAgain(matter: Matter): Promise<void> {
  await matter.enter('looking');
  const atOnce = await matter.step('lookAtOnce', () => patiently().lookAgain(matter.requestId, 'atOnce'));
  await matter.step('markErased', () => erasing().markErased(matter.requestId));
  // The window is no longer for a mail that does not go out.
  const toldMeanwhile = tellFound(matter, 'lookAtOnce', atOnce);
  await sleep(matter.timings.lookAgainMs, { summary: 'Until the second look' });
  const later = await matter.step('lookLater', () => patiently().lookAgain(matter.requestId, 'later'));
  await matter.step('giveUpRecipients', () => erasing().giveUpRecipients(matter.requestId));
  await matter.step('closeWindow', () => erasing().closeWindow(matter.requestId));
  await toldMeanwhile;
  await tellFound(matter, 'lookLater', later);
}

/** What is left of the person is somebody's to remove: nothing else would bring them there. A look that was left out found nothing. */
async function tellFound(
  matter: Matter,
  look: 'lookAtOnce' | 'lookLater',
  seen: { readonly found: number } | undefined,
): Promise<void> {
  if (!seen?.found || !isSince('tell-officers-what-looking-found')) return;
  await matter.step(`tellFound:${look}`, () => mailing(matter).mailOfficers(matter.requestId, 'found', look));
}
