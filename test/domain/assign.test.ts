import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assign,
  type Candidate,
  chooseAgent,
  joinNeeds,
  relax,
  type Situation,
  type Waiting,
} from '../../src/domain/assign.ts';

const agent = (id: string, more: Partial<Candidate> = {}): Candidate => ({
  id,
  skills: {},
  capacity: 10,
  load: 0,
  lastAssignedAt: null,
  ...more,
});
const waits = (ticketId: string, more: Partial<Waiting> = {}): Waiting => ({
  ticketId,
  customerId: `customer of ${ticketId}`,
  priority: 'MEDIUM',
  needs: [],
  weight: 1,
  since: 0,
  queuedAt: 0,
  ...more,
});
const situation = (more: Partial<Situation>): Situation => ({
  waiting: [],
  candidates: [],
  held: {},
  now: 0,
  relaxAfterMs: null,
  ...more,
});
const order = (more: Partial<Situation>) =>
  assign(situation({ candidates: [agent('a', { capacity: 100 })], ...more })).map(({ ticketId }) => ticketId);
const need = (skill: string, level = 1) => ({ skill, level });

describe('chooseAgent', () => {
  it.each([
    [
      'the lowest level that is enough',
      [agent('a', { skills: { x: 3 } }), agent('b', { skills: { x: 2 }, load: 9 })],
      [need('x', 2)],
      'b',
    ],
    ['nobody below the level', [agent('a', { skills: { x: 1 } })], [need('x', 2)], undefined],
    [
      'only who has every skill',
      [agent('a', { skills: { x: 1 } }), agent('b', { skills: { x: 1, y: 1 } })],
      [need('x'), need('y')],
      'b',
    ],
    [
      'who has been without a new one longest',
      [agent('a', { lastAssignedAt: 7 }), agent('b', { lastAssignedAt: 5, load: 9 })],
      [],
      'b',
    ],
    ['who never had one first', [agent('a', { lastAssignedAt: 7 }), agent('b', { load: 9 })], [], 'b'],
    [
      'of equals the least share of capacity in use',
      [agent('a', { load: 2, capacity: 4 }), agent('b', { load: 3 })],
      [],
      'b',
    ],
    ['nobody who is full', [agent('a', { load: 3, capacity: 3 }), agent('b', { load: 9, lastAssignedAt: 9 })], [], 'b'],
    ['nobody by a name that every object has', [agent('a')], [need('constructor')], undefined],
    ['nobody of nobody', [], [], undefined],
  ])('takes %s', (_rule, candidates, needs, id) => {
    expect(chooseAgent(candidates, { needs, weight: 1 })?.id).toBe(id);
  });

  it('looks at the room that the ticket needs', () => {
    const candidates = [agent('a', { load: 8 }), agent('b', { load: 7, lastAssignedAt: 9 })];
    expect(chooseAgent(candidates, { needs: [], weight: 2 })?.id).toBe('a');
    expect(chooseAgent(candidates, { needs: [], weight: 3 })?.id).toBe('b');
    expect(chooseAgent(candidates, { needs: [], weight: 4 })).toBeUndefined();
  });
});

describe('assign', () => {
  it('takes the higher priority first, then who waits longest', () => {
    const waiting = [
      waits('none', { priority: null }),
      waits('young', { since: 2 }),
      waits('old', { since: 1 }),
      waits('high', { priority: 'HIGH', since: 3 }),
    ];
    expect(order({ waiting })).toEqual(['high', 'old', 'young', 'none']);
  });

  it('alternates between customers, those of whom agents have the fewest first', () => {
    const of = (customerId: string, since: number) => waits(`${customerId}${since}`, { customerId, since });
    const waiting = [of('big', 1), of('big', 2), of('big', 3), of('small', 4), of('held', 0)];
    expect(order({ waiting, held: { held: 2 } })).toEqual(['big1', 'small4', 'big2', 'held0', 'big3']);
  });

  it('lets who has been in line for long go first, however many of the customer’s tickets agents have', () => {
    const HOUR = 3_600_000;
    const waiting = [
      waits('held', { customerId: 'c', since: 5 }),
      waits('older', { customerId: 'c', since: 4, queuedAt: 1 }),
      waits('new', { since: 6, queuedAt: 60 }),
      waits('high', { since: 7, queuedAt: 60, priority: 'HIGH' }),
    ];
    const held = { c: 3 };
    const at = (now: number, relaxAfterMs: number | null = 10) => order({ waiting, held, now, relaxAfterMs });
    expect(at(59)).toEqual(['high', 'new', 'older', 'held']);
    // What is of higher priority goes before it all the same; of two that are there for long, the one that waits longer.
    expect(at(60)).toEqual(['high', 'held', 'new', 'older']);
    expect(at(61)).toEqual(['high', 'older', 'held', 'new']);
    // Where no need is ever given up it takes an hour.
    expect(at(HOUR - 1, null)).toEqual(['high', 'new', 'older', 'held']);
    expect(at(HOUR, null)).toEqual(['high', 'held', 'new', 'older']);
  });

  it('starves nobody: customers without a ticket come all the time, and who has some is served all the same', () => {
    let line = [waits('held', { customerId: 'c', since: 0, queuedAt: 0 })];
    const served: string[] = [];
    for (let now = 1; now <= 100 && !served.includes('held'); now += 1) {
      line.push(waits(`${now}`, { since: now, queuedAt: now }));
      const candidates = [agent('a', { capacity: 1 })];
      const given = assign(situation({ waiting: line, candidates, held: { c: 1 }, now, relaxAfterMs: 10 }));
      served.push(...given.map(({ ticketId }) => ticketId));
      line = line.filter(({ ticketId }) => !served.includes(ticketId));
    }
    expect(served).toHaveLength(60);
    expect(served.at(-1)).toBe('held');
  });

  it('gives one after another to whoever has waited longest', () => {
    const given = assign(
      situation({
        candidates: [agent('a', { lastAssignedAt: 2 }), agent('b', { lastAssignedAt: 1 })],
        waiting: ['1', '2', '3', '4'].map((id, since) => waits(id, { since })),
        now: 10,
      }),
    );
    expect(given.map(({ agentId }) => agentId)).toEqual(['b', 'a', 'b', 'a']);
  });

  it('lets nobody wait for one that finds nobody', () => {
    expect(
      order({
        waiting: [waits('1', { needs: [need('welsh')] }), waits('2', { weight: 101 }), waits('3', { since: 5 })],
      }),
    ).toEqual(['3']);
  });

  it('relaxes by a step for each time that went by, and no more than it has to', () => {
    const waiting = [waits('1', { needs: [need('premium'), need('german', 2)] })];
    const after = (now: number, ...candidates: Candidate[]) =>
      assign(situation({ waiting, candidates, now, relaxAfterMs: 10 }))[0]?.relaxed;
    const beginner = agent('a', { skills: { premium: 1, german: 1 } });
    const stranger = agent('b', { skills: { premium: 1 } });
    expect(after(9, beginner)).toBeUndefined();
    expect(after(10, beginner)).toEqual([{ skill: 'german', from: 2, to: 1 }]);
    expect(after(19, stranger)).toBeUndefined();
    expect(after(20, stranger)).toEqual([{ skill: 'german', from: 2, to: 0 }]);
    expect(after(99, stranger, beginner)).toEqual([{ skill: 'german', from: 2, to: 1 }]);
  });

  const skill = fc.constantFrom('x', 'y', 'z');
  const level = fc.integer({ min: 1, max: 3 });
  const candidates = fc.uniqueArray(
    fc.record({
      id: fc.string({ minLength: 1, maxLength: 4 }),
      skills: fc.dictionary(skill, level),
      capacity: fc.nat(6),
      load: fc.nat(8),
      lastAssignedAt: fc.option(fc.nat(100)),
    }),
    { selector: ({ id }) => id, maxLength: 6 },
  );
  const needs = fc
    .array(fc.record({ skill, level, mandatory: fc.boolean() }), { maxLength: 3 })
    .map((all) => joinNeeds(all));
  const waiting = fc.uniqueArray(
    fc.record({
      ticketId: fc.string({ minLength: 1, maxLength: 4 }),
      customerId: fc.constantFrom('c', 'd', 'e'),
      priority: fc.constantFrom('HIGH' as const, 'MEDIUM' as const, null),
      needs,
      weight: fc.integer({ min: 1, max: 3 }),
      since: fc.nat(100),
      queuedAt: fc.nat(100),
    }),
    { selector: ({ ticketId }) => ticketId, maxLength: 12 },
  );
  const situations = fc.record({
    waiting,
    candidates,
    held: fc.dictionary(fc.constantFrom('c', 'd', 'e'), fc.nat(3)),
    now: fc.constant(100),
    relaxAfterMs: fc.option(fc.integer({ min: 1, max: 50 })),
  });

  it('gives nobody more than they have room for, each ticket once, and skips none that somebody could take', () => {
    fc.assert(
      fc.property(situations, (now) => {
        const given = assign(now);
        expect(new Set(given.map(({ ticketId }) => ticketId)).size).toBe(given.length);
        const after = now.candidates.map((candidate) => {
          const its = given.filter(({ agentId }) => agentId === candidate.id);
          const weight = its.reduce((sum, { ticketId }) => sum + weightOf(now, ticketId), 0);
          if (its.length > 0) expect(candidate.load + weight).toBeLessThanOrEqual(candidate.capacity);
          return { ...candidate, load: candidate.load + weight };
        });
        const left = now.waiting.filter(({ ticketId }) => !given.some((one) => one.ticketId === ticketId));
        expect(assign({ ...now, waiting: left, candidates: after })).toEqual([]);
      }),
    );
  });

  it('gives each to somebody who has what is left of its needs', () => {
    fc.assert(
      fc.property(situations, (now) => {
        for (const { ticketId, agentId, relaxed } of assign(now)) {
          const skills = now.candidates.find(({ id }) => id === agentId)?.skills ?? {};
          const asked = now.waiting.find((one) => one.ticketId === ticketId)?.needs ?? [];
          for (const { skill, level, mandatory } of asked) {
            const given = relaxed.find((one) => one.skill === skill);
            if (mandatory || now.relaxAfterMs === null) expect(given).toBeUndefined();
            expect(skills[skill] ?? 0).toBeGreaterThanOrEqual(given?.to ?? level);
          }
        }
      }),
    );
  });

  it('answers alike in whatever order the tickets come, and changes nothing of what it is given', () => {
    fc.assert(
      fc.property(situations, (now) => {
        const turned = { ...now, waiting: Object.freeze([...now.waiting].reverse().map((one) => Object.freeze(one))) };
        expect(assign(turned)).toEqual(assign(now));
      }),
    );
  });
});

describe('relax', () => {
  it('lowers the least important need first, and leaves what is mandatory', () => {
    const needs = [need('premium'), { ...need('german', 2), mandatory: true }, need('api', 2)];
    const [premium, german] = needs;
    expect(relax(needs, 1)).toEqual({
      needs: [premium, german, need('api')],
      relaxed: [{ skill: 'api', from: 2, to: 1 }],
    });
    expect(relax(needs, 2).needs).toEqual([premium, german]);
    expect(relax(needs, 99).needs).toEqual([german]);
    expect(relax(needs, 0)).toEqual({ needs, relaxed: [] });
  });
});

it('joins the needs of several rules: the highest level, as important as its first mention', () => {
  expect(joinNeeds([need('a', 2), need('b'), { ...need('a'), mandatory: true }])).toEqual([
    { skill: 'a', level: 2, mandatory: true },
    { skill: 'b', level: 1 },
  ]);
});

function weightOf({ waiting }: Situation, ticketId: string): number {
  return waiting.find((one) => one.ticketId === ticketId)?.weight ?? 0;
}
