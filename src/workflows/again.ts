import { uuid4 } from '@temporalio/workflow';
import type { LookAgain } from '../contract.ts';
import { isDegraded } from '../domain/enrich.ts';
import { eventKey } from '../domain/event-key.ts';
import type { JsonObject } from '../domain/json.ts';
import { MODULES } from '../domain/modules.ts';
import { priorityAfter } from '../domain/route.ts';
import { isOpen } from '../domain/ticket.ts';
import { bindModule } from '../flow/bind.ts';
import { parseFlow } from '../flow/parse.ts';
import { redecide } from '../flow/redecide.ts';
import { own } from './activities.ts';
import { askAgain } from './ask-again.ts';
import { isSince } from './changes.ts';
import type { Desk } from './desk.ts';
import type { Analysed, Memory } from './memory.ts';
import { handOver } from './modules.ts';
import { persist } from './park.ts';
import { reread } from './reread.ts';
import { condition } from './rest.ts';

/**
 * A provider is back: what was found out without it is found out anew, once for each incident, or look outside of one. By the rules that the ticket was judged by
 * at first, a worse mood raises the priority and may bring a person in. Nothing is taken back, and the old decision stays on record.
 */
export async function enrichAgain(desk: Desk, said: LookAgain): Promise<void> {
  const { memory } = desk;
  const { source: by = 'signal', eventId = said.incidentId ?? uuid4() } = said;
  const key = eventKey(by, eventId);
  if (key in memory.seen) return;
  memory.seen[key] = Date.now();
  desk.background += 1;
  try {
    // It may be asked just now, and not answer.
    await condition(() => memory.analysed !== undefined || memory.flowEnded || memory.row.state === 'closed');
    if (memory.row.state === 'closed') return;
    const { analysed, rereadDegraded } = memory;
    if (analysed && isDegraded(analysed.sentiment)) await analyzeAgain(desk, analysed, said.incidentId, key);
    if (rereadDegraded !== undefined) await reread(desk, rereadDegraded, 'again');
  } finally {
    desk.background -= 1;
  }
}

async function analyzeAgain(desk: Desk, old: Analysed, incident: string | undefined, occasion: string): Promise<void> {
  const { memory, journal } = desk;
  const sentiment = await askAgain(memory);
  // Where the provider fails anew, its activity has put the ticket on the list of the next incident.
  if (sentiment === null) return;
  // Told again since the answer was long in coming: one of the two is enough.
  if (memory.analysed && !isDegraded(memory.analysed.sentiment) && isSince('judged-again-once')) return;
  const { tier } = memory.row;
  const before = memory.row.priority;
  const priority = priorityAfter(before, sentiment.label, tier);
  const output = { ...old.output, priority, sentiment: sentiment.label, sentimentSource: sentiment.source };
  memory.analysed = { sentiment, output };
  memory.facts = { ...memory.facts, sentiment: { ...sentiment }, sentimentBefore: { ...old.sentiment }, degraded: [] };
  memory.labels = { ...memory.labels, ...(priority === null ? {} : { priority }) };
  const other = otherWay(memory, output);
  const { label, source: by, outcome, ms } = sentiment;
  await journal.commit(
    {
      kind: 'enrichedAgain',
      facts: {
        ...(incident === undefined ? {} : { incident }),
        sentiment: { label, source: by, outcome, ms },
        was: { label: old.sentiment.label, source: old.sentiment.source },
        before,
        priority,
        tier,
        ...(other ? { decision: { state: other.state, next: other.next, went: other.went } } : {}),
      },
      row: (row) => ({ priority: priorityAfter(row.priority, label, row.tier) }),
    },
    own.recordChange,
  );
  if (!other?.isToPerson || !isWithoutPerson(memory)) return;
  await persist(desk, occasion, 'handOver', async (number, again) => {
    // Between two attempts somebody may have got it.
    if (!isWithoutPerson(memory) && !(occasion in memory.done)) return;
    await handOver(desk, occasion, 'late fact', { number, of: 4, again });
  }).finally(() => {
    delete memory.done[occasion];
  });
}

function isWithoutPerson({ row }: Memory): boolean {
  return isOpen(row.state) && row.route !== 'agent';
}

interface OtherWay {
  readonly state: string;
  readonly next: string;
  readonly went: string;
  readonly isToPerson: boolean;
}

/** Where the flow's first Choice would send the ticket now; undefined: where it went, or it can't be told. */
function otherWay({ decisions, flow: pinned }: Memory, output: JsonObject): OtherWay | undefined {
  const first = decisions[0];
  if (!first) return undefined;
  const flow = parseFlow(pinned.definition, pinned.name, { checked: true });
  const state = String(first.state);
  const next = redecide(flow, state, output)?.next;
  if (next === undefined || next === first.next) return undefined;
  const target = flow.states.get(next);
  const isToPerson = target?.type === 'Task' && bindModule(target.name, target.resource, MODULES) === 'escalateToAgent';
  return { state, next, went: String(first.next), isToPerson };
}
