import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  type Ask,
  actsOf,
  drawnAs,
  followAsk,
  lookOf,
  NOTHING_ASKED,
  sentCard,
  toDraw,
  unmetBy,
  type Wanted,
} from '../../src/domain/ask.ts';
import { sayFace, sayUnmet } from '../../src/domain/ask-words.ts';
import type { TicketState } from '../../src/domain/ticket.ts';

const AT = Date.UTC(2026, 10, 27, 9, 0);
let minute = 0;
const entry = (kind: string, actor = 'ana', facts: Record<string, string | number> = {}) => {
  minute += 1;
  return { at: new Date(AT + minute * 60_000).toISOString(), kind, actor, facts };
};
const after = (...kinds: (readonly [string, string?, Record<string, string | number>?])[]): Ask =>
  kinds.reduce((ask, one) => followAsk(ask, entry(...one), 'waitingForAgent'), NOTHING_ASKED);
const claimed = after(['escalated'], ['claimed', 'ana', { agentId: 'ana' }]);
const wants = (more: Partial<Wanted> = {}): Wanted => ({ by: 'ben', act: 'claim', round: 1, at: AT, ...more });
const judged = (ask: Ask, more: Partial<Wanted> = {}, state: TicketState = 'waitingForAgent', isCalling = true) =>
  unmetBy(ask, state, wants(more), isCalling)?.why ?? null;

describe('what may be done at a message', () => {
  it.each<[string, Ask, Partial<Wanted>, string | null]>([
    ['the first claim', after(['escalated']), {}, null],
    ['a claim of somebody whom nobody knows', after(['escalated']), { by: null }, 'stranger'],
    ['a claim where somebody was first', claimed, {}, 'claimed'],
    ['one’s own claim once more', claimed, { by: 'ana' }, 'yoursAlready'],
    ['a reply of who has it', claimed, { by: 'ana', act: 'reply' }, null],
    ['a reply of who does not have it', claimed, { act: 'replyAndSolve' }, 'claimed'],
    ['a reply where nobody has it', after(['escalated']), { act: 'reply' }, null],
    ['giving it on where somebody else has it', claimed, { act: 'reassign', to: 'ben' }, 'claimed'],
    ['giving it to nobody we know', claimed, { by: 'ana', act: 'reassign', to: null }, 'strangerNamed'],
    ['a note, whoever has it', claimed, { act: 'note' }, null],
    ['a note of an earlier message', after(['escalated'], ['agentReplied'], ['escalated']), { act: 'note' }, null],
    ['a claim at an earlier message', after(['escalated'], ['agentReplied'], ['escalated']), {}, 'older'],
    ['a claim after a solution', after(['escalated'], ['resolved']), {}, 'over'],
    ['a snooze of what somebody has', claimed, { by: 'ana', act: 'snooze' }, 'nothingToSnooze'],
    ['a snooze', after(['escalated']), { act: 'snooze' }, null],
    ['anything where nothing was asked', NOTHING_ASKED, {}, 'older'],
  ])('%s', (_, ask, more, why) => {
    expect(judged(ask, more)).toBe(why);
  });

  it('a snooze where nobody is to be called, and anything of a closed ticket, is refused', () => {
    expect(judged(after(['escalated']), { act: 'snooze' }, 'waitingForAgent', false)).toBe('nothingToSnooze');
    expect(judged(after(['escalated']), { act: 'note' }, 'closed')).toBe('unlawful');
  });
});

test('a round goes on while it is asked or claimed; an answer, a solution or another hand ends it', () => {
  expect(after(['escalated'], ['escalated'], ['claimed'], ['escalated']).count).toBe(1);
  for (const end of ['agentReplied', 'resolved', 'silenceEnded', 'reassigned', 'givenBack']) {
    expect(after(['escalated'], [end, 'ana', { givenTo: 'ben' }], ['escalated']).count).toBe(2);
  }
});

test('by command line a claim takes over, and the message says so', () => {
  const over = followAsk(claimed, entry('claimed', 'ben', { agentId: 'ben' }), 'inProgress');
  expect(over.rounds.at(-1)).toMatchObject({
    face: { kind: 'claimed', by: 'ben' },
    task: { outcome: { by: ['ben'] } },
  });
});

test('a call ends what is left of a snooze on the message', () => {
  const snoozed = after(['escalated'], ['snoozed', 'ana', { until: AT }]);
  expect(snoozed.rounds[0]?.face).toEqual({ kind: 'snoozed', by: 'ana', until: AT });
  expect(followAsk(snoozed, entry('called'), 'waitingForAgent').rounds[0]?.face).toEqual({ kind: 'asked' });
});

describe('messages to be drawn', () => {
  const sent = sentCard(after(['escalated']), 1);
  it('one that went out looks right until something becomes of it', () => {
    expect(toDraw(sent)).toBeUndefined();
    expect(toDraw(followAsk(sent, entry('claimed'), 'inProgress'))?.face.kind).toBe('claimed');
  });
  it('no message, nothing to draw', () => {
    expect(toDraw(claimed)).toBeUndefined();
  });
  it('one that goes out later is drawn as well', () => {
    const round = followAsk(sent, entry('claimed'), 'inProgress').rounds[0];
    const drawn = drawnAs(followAsk(sent, entry('claimed'), 'inProgress'), 1, round ? lookOf(round) : '');
    expect(toDraw(drawn)).toBeDefined();
    const all = followAsk(sent, entry('claimed'), 'inProgress');
    const [one] = all.rounds;
    const done = drawnAs(all, 1, one ? lookOf(one) : '');
    expect(toDraw(done)).toBeUndefined();
    expect(toDraw(sentCard(done, 1))?.id).toBe(1);
  });

  it('whatever happens, each round ends up drawn as it is, and drawn rounds are forgotten', () => {
    const kinds = [
      'escalated',
      'claimed',
      'agentReplied',
      'resolved',
      'reassigned',
      'givenBack',
      'snoozed',
      'called',
      'customerReplied',
    ];
    const step = fc.oneof(
      fc
        .constantFrom(...kinds)
        .map(
          (kind) => (ask: Ask) => followAsk(ask, entry(kind, 'ana', { givenTo: 'ben', until: AT }), 'waitingForAgent'),
        ),
      fc.constant((ask: Ask) => sentCard(ask, ask.count)),
      fc.constant((ask: Ask) => {
        const next = toDraw(ask);
        return next ? drawnAs(ask, next.id, lookOf(next)) : ask;
      }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let ask = steps.reduce((now, one) => one(now), NOTHING_ASKED);
        expect(JSON.parse(JSON.stringify(ask))).toEqual(ask);
        for (let turns = 0; ; turns++) {
          const next = toDraw(ask);
          if (!next) break;
          expect(turns).toBeLessThan(50);
          ask = drawnAs(ask, next.id, lookOf(next));
        }
        expect(ask.rounds.length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

test('what is over offers nothing', () => {
  expect(actsOf({ kind: 'resolved', by: null, at: AT })).toEqual([]);
  expect(actsOf({ kind: 'claimed', by: 'ana', at: AT })).toEqual(['resolve', 'reassign']);
});

test('faces and refusals are said by names', () => {
  const name = (id: string) => id.toUpperCase();
  expect(sayFace({ kind: 'claimed', by: 'ana', at: AT }, name)).toBe('Claimed by ANA at 2026-11-27 09:00 UTC');
  expect(sayFace({ kind: 'givenBack', by: 'ana', at: AT }, name)).toBe(
    'ANA is off since 2026-11-27 09:00 UTC: it goes to somebody else',
  );
  expect(sayFace({ kind: 'resolved', by: null, at: AT }, name)).toBe('Solved at 2026-11-27 09:00 UTC');
  expect(sayUnmet({ why: 'claimed', by: 'ben', at: AT }, 'TKT-1', name)).toContain('already claimed by BEN');
});
