import type { Delivery } from '../domain/delivery.ts';
import { dedupKeyOf, isCalling, isDone, nextAction, type Page, type PageAction } from '../domain/path-follow.ts';
import { own } from './activities.ts';
import { isSince } from './changes.ts';
import type { Desk } from './desk.ts';
import { condition } from './rest.ts';
import { Overtaken, sendUnless } from './tell.ts';

const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 3_600_000;
/** Runs from before it have calls in their histories that went out though somebody had the ticket. */
const HEEDED = 'calls-instead-heed-claims';

/**
 * Tells PagerDuty of the pages of the path, one thing after another, for as long as it takes: it opens an incident while nobody has the
 * ticket, acknowledges it once somebody has, and resolves it when the ticket waits no longer.
 */
export async function watchPages(desk: Desk): Promise<void> {
  let pause = FIRST_PAUSE_MS;
  let failures = 0;
  /** Pages in whose place the admins were called. */
  const instead = new Set<string>();
  for (;;) {
    await condition(() => nextOf(desk) !== undefined && desk.acting === 0);
    const next = nextOf(desk);
    if (next === undefined) continue;
    desk.background += 1;
    const outcome = await tell(desk, next);
    if (outcome === 'failed') {
      const occasion = `${occasionOf(next.page)}:instead`;
      if (next.action === 'trigger') {
        const isHeeded = isSince(HEEDED);
        const isToCall = isHeeded ? !instead.has(occasion) : failures === 0;
        if (isToCall && (await callAdmins(desk, next, occasion, isHeeded))) instead.add(occasion);
      }
      failures += 1;
      const isOther = await condition(() => !isSame(nextOf(desk), next), pause, { summary: 'Telling PagerDuty again' });
      // What failed says nothing of what is to be told now.
      pause = isOther ? FIRST_PAUSE_MS : Math.min(2 * pause, LONGEST_PAUSE_MS);
    } else {
      failures = 0;
      pause = FIRST_PAUSE_MS;
    }
    desk.background -= 1;
  }
}

/** Is there something that PagerDuty must know before the ticket may end? */
export function owesPagerDuty(desk: Desk): boolean {
  return nextOf(desk) !== undefined;
}

interface Next {
  readonly page: Page;
  readonly action: PageAction;
}

function nextOf({ memory }: Desk): Next | undefined {
  const { path } = memory;
  for (const page of path?.pages ?? []) {
    const action = path && nextAction(path, page);
    if (action) return { page, action };
  }
  return undefined;
}

function isSame(one: Next | undefined, { page, action }: Next): boolean {
  return one?.action === action && one.page.run === page.run && one.page.number === page.number;
}

function occasionOf({ run, number }: Page): string {
  return `page:${run}.${number}`;
}

async function tell(desk: Desk, next: Next): Promise<'sent' | 'failed' | 'overtaken'> {
  const { memory, journal } = desk;
  const { page, action } = next;
  const occasion = `${occasionOf(page)}:${action}`;
  const isStale = () => !isSame(nextOf(desk), next) || (action === 'trigger' && desk.acting > 0);
  const dedupKey = dedupKeyOf(memory.ticketId, page.run);
  const facts = { action, dedupKey, severity: page.severity, path: page.path };
  const unlessOvertaken = () => {
    if (isStale() && isSince(HEEDED)) throw new Overtaken();
    return {};
  };
  let deliveries: readonly Delivery[];
  try {
    deliveries = await journal.commit({ kind: 'delivered', facts: { occasion }, row: unlessOvertaken }, (change) =>
      own.queuePage({ change, occasion, facts }),
    );
  } catch (error) {
    if (!(error instanceof Overtaken)) throw error;
    return 'overtaken';
  }
  // What an agent says may be refused, and a page that was withdrawn goes out no more.
  if (action === 'trigger' && desk.acting > 0 && isSince(HEEDED)) await everybodyHeard(desk);
  if (isStale()) {
    await own.withdraw(deliveries.map(({ id }) => id));
    return 'overtaken';
  }
  if (action === 'trigger') mark(desk, page, 'tried');
  const sent = await sendUnless(
    () => action === 'trigger' && (desk.acting > 0 || !isCalling(memory.path, page.run)),
    () => desk.sendQuietly(deliveries),
  );
  if (sent === 'sent') mark(desk, page, action);
  return sent === 'overtaken' && !isSince(HEEDED) ? 'failed' : sent;
}

/** What agents said is done, or refused. */
async function everybodyHeard(desk: Desk): Promise<void> {
  while (desk.acting > 0) await condition(() => desk.acting === 0);
}

function mark({ memory }: Desk, page: Page, told: Page['told']): void {
  const { path } = memory;
  if (!path) return;
  const pages = path.pages.map((one) => (one.run === page.run && one.number === page.number ? { ...one, told } : one));
  memory.path = { ...path, pages: pages.filter((one) => !isDone(path, one)) };
}

/** PagerDuty does not take it: the admins hear at once, unless somebody has the ticket meanwhile. Answers whether they were called. */
async function callAdmins(desk: Desk, next: Next, occasion: string, isHeeded: boolean): Promise<boolean> {
  const { journal } = desk;
  const { page } = next;
  const isWanted = () => isSame(nextOf(desk), next);
  const isStale = () => isHeeded && (desk.acting > 0 || !isWanted());
  const unlessOvertaken = () => {
    if (isStale()) throw new Overtaken();
    return {};
  };
  if (isHeeded) await everybodyHeard(desk);
  try {
    const { deliveries } = await journal.commit(
      { kind: 'delivered', facts: { occasion, fallback: 'mail' }, row: unlessOvertaken },
      (change) =>
        own.callPeople({
          change,
          occasion,
          level: { call: [{ kind: 'admins' }], hours: 'any', nobody: 'next' },
          assigneeId: null,
          at: Date.now(),
          facts: { run: page.run, path: page.path, level: 'PagerDuty', number: page.number, since: '' },
        }),
    );
    if (isHeeded) await everybodyHeard(desk);
    if (!isStale() && (await sendUnless(isStale, () => desk.sendQuietly(deliveries))) !== 'overtaken') return true;
    await everybodyHeard(desk);
    if (!isWanted()) await own.withdraw(deliveries.map(({ id }) => id));
  } catch (error) {
    if (!(error instanceof Overtaken)) throw error;
  }
  return false;
}
