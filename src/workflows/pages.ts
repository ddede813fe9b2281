import type { Delivery } from '../domain/delivery.ts';
import { dedupKeyOf, isCalling, isDone, nextAction, type Page, type PageAction } from '../domain/path-follow.ts';
import { own } from './activities.ts';
import type { Desk } from './desk.ts';
import { condition } from './rest.ts';
import { sendUnless } from './tell.ts';

const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 3_600_000;

/**
 * Tells PagerDuty of the pages of the path, one thing after another, for as long as it takes: it opens an incident while nobody has the
 * ticket, acknowledges it once somebody has, and resolves it when the ticket waits no longer.
 */
export async function watchPages(desk: Desk): Promise<void> {
  let pause = FIRST_PAUSE_MS;
  for (;;) {
    await condition(() => nextOf(desk) !== undefined && desk.acting === 0);
    const next = nextOf(desk);
    if (next === undefined) continue;
    desk.background += 1;
    const outcome = await tell(desk, next);
    if (outcome === 'failed') {
      if (pause === FIRST_PAUSE_MS && next.action === 'trigger') await tellAdmins(desk, next.page);
      await condition(() => !isSame(nextOf(desk), next), pause, { summary: 'Telling PagerDuty again' });
    }
    pause = outcome === 'failed' ? Math.min(2 * pause, LONGEST_PAUSE_MS) : FIRST_PAUSE_MS;
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

async function tell(desk: Desk, next: Next): Promise<'sent' | 'failed' | 'overtaken'> {
  const { memory, journal } = desk;
  const { page, action } = next;
  const occasion = `page:${page.run}.${page.number}:${action}`;
  const isStale = () => !isSame(nextOf(desk), next) || (action === 'trigger' && desk.acting > 0);
  const dedupKey = dedupKeyOf(memory.ticketId, page.run);
  const facts = { action, dedupKey, severity: page.severity, path: page.path };
  const deliveries = await journal.commit({ kind: 'delivered', facts: { occasion } }, (change) =>
    own.queuePage({ change, occasion, facts }),
  );
  if (isStale()) {
    await own.withdraw(deliveries.map(({ id }) => id));
    return 'overtaken';
  }
  if (action === 'trigger') mark(desk, page, 'tried');
  const sent = await sendUnless(
    () => action === 'trigger' && (desk.acting > 0 || !isCalling(memory.path, page.run)),
    () => desk.sendQuietly(deliveries as readonly Delivery[]),
  );
  if (sent === 'sent') mark(desk, page, action);
  return sent;
}

function mark({ memory }: Desk, page: Page, told: Page['told']): void {
  const { path } = memory;
  if (!path) return;
  const pages = path.pages.map((one) => (one.run === page.run && one.number === page.number ? { ...one, told } : one));
  memory.path = { ...path, pages: pages.filter((one) => !isDone(path, one)) };
}

/** PagerDuty does not take it: the admins hear at once. */
async function tellAdmins(desk: Desk, page: Page): Promise<void> {
  const { journal } = desk;
  const occasion = `page:${page.run}.${page.number}:instead`;
  const { deliveries } = await journal.commit({ kind: 'delivered', facts: { occasion, fallback: 'mail' } }, (change) =>
    own.callPeople({
      change,
      occasion,
      level: { call: [{ kind: 'admins' }], hours: 'any', nobody: 'next' },
      assigneeId: null,
      at: Date.now(),
      facts: { run: page.run, path: page.path, level: 'PagerDuty', number: page.number, since: '' },
    }),
  );
  await desk.sendQuietly(deliveries);
}
