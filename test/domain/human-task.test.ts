import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  askPeople,
  type Decision,
  decide,
  delegate,
  type HumanTask,
  isShown,
  ownKeyVia,
  refusalOf,
  refusalToDelegate,
  timedOut,
} from '../../src/domain/human-task.ts';

const PEOPLE = ['ana', 'ben', 'clara', 'dev', 'emma'] as const;
const ACTS = ['approve', 'refuse', 'other'] as const;
const person = fc.constantFrom(...PEOPLE);
const decision: fc.Arbitrary<Decision> = fc.record({
  by: person,
  act: fc.constantFrom(...ACTS),
  at: fc.integer({ min: 0, max: 200 }),
});
const asked = fc
  .record({
    audience: fc.option(fc.subarray([...PEOPLE], { minLength: 1 })),
    quorum: fc.integer({ min: 1, max: 3 }),
    barred: fc.subarray([...PEOPLE]),
    dueAt: fc.option(fc.integer({ min: 50, max: 150 })),
    otherwise: fc.option(fc.constantFrom('refuse')),
    delegations: fc.array(fc.tuple(person, person), { maxLength: 4 }),
  })
  .map(({ delegations, ...one }) =>
    delegations.reduce<HumanTask>(
      (task, [by, to]) => delegate(task, by, to, 0),
      askPeople({ id: '1', form: ['approve', 'refuse'], ...one }),
    ),
  );
/** In the order of time, as a workflow hears them. */
const heard = fc.array(decision, { maxLength: 20 }).map((all) => [...all].sort((a, b) => a.at - b.at));

const whose = ({ delegates }: HumanTask, by: string) => delegates[by] ?? by;

describe('whatever is said, in whatever order', () => {
  it('the first outcome stands, and whatever comes then is late', () => {
    fc.assert(
      fc.property(asked, heard, (task, all) => {
        let now = task;
        for (const one of all) {
          const before = now;
          now = decide(now, one);
          if (before.outcome === null) continue;
          expect(now).toBe(before);
          expect(refusalOf(before, one)).toBe('late');
        }
      }),
    );
  });

  it('an outcome has as many different voices as it needs, none of them barred, a stranger’s or too late', () => {
    fc.assert(
      fc.property(asked, heard, (task, all) => {
        const { outcome, said } = all.reduce(decide, task);
        if (outcome === null) return;
        expect(outcome.by).toHaveLength(task.quorum);
        expect(new Set(outcome.by.map((by) => whose(task, by))).size).toBe(task.quorum);
        for (const by of outcome.by) {
          expect([by, whose(task, by)].some((id) => task.barred.includes(id))).toBe(false);
          expect(task.audience === null || [by, whose(task, by)].some((id) => task.audience?.includes(id))).toBe(true);
        }
        expect(task.form).toContain(outcome.act);
        if (task.dueAt !== null) for (const { at } of said) expect(at).toBeLessThan(task.dueAt);
      }),
    );
  });

  it('what is refused changes nothing, and what is not is kept', () => {
    fc.assert(
      fc.property(asked, heard, (task, all) => {
        let now = task;
        for (const one of all) {
          const refused = refusalOf(now, one);
          const next = decide(now, one);
          if (refused === null) expect(next.said).toEqual([...now.said, one]);
          else expect(next).toBe(now);
          now = next;
        }
      }),
    );
  });

  it('a task whose time is over ends by itself, as it was said before, and once', () => {
    fc.assert(
      fc.property(asked, heard, fc.integer({ min: 0, max: 300 }), (task, all, at) => {
        const decided = all.reduce(decide, task);
        const ended = timedOut(decided, at);
        expect(timedOut(ended, at + 1_000).outcome ?? null).toEqual(
          ended.outcome ?? timedOut(decided, at + 1_000).outcome,
        );
        if (decided.outcome !== null || task.dueAt === null || at < task.dueAt) expect(ended).toBe(decided);
        else expect(ended.outcome).toEqual({ act: task.otherwise, by: [], at: task.dueAt });
      }),
    );
  });

  it('is plain JSON', () => {
    fc.assert(
      fc.property(asked, heard, (task, all) => {
        const now = all.reduce(decide, task);
        expect(JSON.parse(JSON.stringify(now))).toEqual(now);
      }),
    );
  });
});

const task = (more: Partial<HumanTask> = {}) =>
  askPeople({ id: '1', form: ['approve', 'refuse'], audience: ['ana', 'ben', 'clara'], ...more });
const says = (by: string, act = 'approve', at = 1): Decision => ({ by, act, at });

it('four eyes are two people of whom neither asked for it', () => {
  const two = task({ quorum: 2, barred: ['ana'] });
  expect(refusalOf(two, says('ana'))).toBe('own');
  const once = decide(two, says('ben'));
  expect(once.outcome).toBeNull();
  expect(refusalOf(once, says('ben', 'approve', 2))).toBe('twice');
  expect(decide(once, says('clara', 'approve', 3)).outcome).toEqual({ act: 'approve', by: ['ben', 'clara'], at: 3 });
});

it('what takes several people counts only from who is shown, what one decides also from who is believed', () => {
  for (const several of [task({ quorum: 2 }), task({ barred: ['clara'] })]) {
    expect(refusalOf(several, says('ana'), false)).toBe('unshown');
    expect(refusalToDelegate(several, 'ana', 'dev', 1, false)).toBe('unshown');
    expect(refusalOf(several, says('ana'), true)).toBeNull();
    expect(refusalToDelegate(several, 'ana', 'dev', 1, true)).toBeNull();
  }
  expect(refusalOf(task(), says('ana'), false)).toBeNull();
  expect(refusalToDelegate(task(), 'ana', 'dev', 1, false)).toBeNull();
  // Of others that are refused anyway nobody learns more.
  expect(refusalOf(task({ quorum: 2 }), says('dev'), false)).toBe('stranger');
});

it('shown is who clicks in Slack, opens the link of their mail, or has a key of their own', () => {
  expect(['slack', 'link', ownKeyVia('ab12')].map(isShown)).toEqual([true, true, true]);
  expect(['key/ab12', 'login/ann', 'temporal', 'key/ownKey/ab12', ''].some(isShown)).toBe(false);
});

it('of several who have to say the same, those who say something else are none', () => {
  const split = [says('ana'), says('ben', 'refuse', 2)].reduce(decide, task({ quorum: 2 }));
  expect(split.outcome).toBeNull();
  expect(decide(split, says('clara', 'refuse', 3)).outcome).toEqual({ act: 'refuse', by: ['ben', 'clara'], at: 3 });
});

it('who speaks in somebody’s place has their voice, not one more, and gives it on to nobody', () => {
  const given = delegate(task({ quorum: 2 }), 'ana', 'dev', 0);
  expect(refusalOf(given, says('dev'))).toBeNull();
  expect(refusalOf(decide(given, says('dev')), says('ana'))).toBe('twice');
  expect(delegate(given, 'dev', 'emma', 0)).toBe(given);
  expect(refusalOf(given, says('emma'))).toBe('stranger');
});

it('nobody lets another judge their own request', () => {
  const barred = task({ barred: ['ana'] });
  expect(delegate(barred, 'ana', 'dev', 0)).toBe(barred);
  expect(refusalOf({ ...barred, delegates: { dev: 'ana' } }, says('dev'))).toBe('own');
  expect(refusalOf({ ...barred, delegates: { ana: 'ben' } }, says('ana'))).toBe('own');
});

it('nobody gives their place to whose request it is, to who has another place, or after they have spoken', () => {
  const four = task({ quorum: 2, barred: ['clara'], dueAt: 10 });
  expect(refusalToDelegate(four, 'ana', 'clara', 1)).toBe('own');
  expect(refusalToDelegate(four, 'dev', 'emma', 1)).toBe('stranger');
  expect(refusalToDelegate(four, 'ana', 'ana', 1)).toBe('self');
  expect(refusalToDelegate(four, 'ana', 'dev', 10)).toBe('late');
  const given = delegate(four, 'ana', 'dev', 1);
  expect(refusalToDelegate(given, 'ben', 'dev', 1)).toBe('twice');
  expect(refusalToDelegate(decide(four, says('ana')), 'ana', 'dev', 2)).toBe('twice');
  expect(refusalToDelegate(decide(given, says('dev')), 'ana', 'emma', 2)).toBe('twice');
  expect(refusalToDelegate(decide(four, says('ana')), 'ben', 'ana', 2)).toBe('twice');
});

it('nobody who is asked gives their voice to another who is, nor to a second one', () => {
  const two = task({ quorum: 2, dueAt: 10, otherwise: 'refuse' });
  // Ana would speak for herself, and Ben and Clara for nobody.
  expect(refusalToDelegate(two, 'ana', 'ben', 1)).toBe('asked');
  expect(refusalToDelegate(task({ audience: null }), 'ana', 'ben', 1)).toBe('asked');
  const given = delegate(two, 'ana', 'dev', 1);
  expect(refusalToDelegate(given, 'ana', 'emma', 1)).toBe('given');
  expect(refusalToDelegate(given, 'ana', 'dev', 2)).toBeNull();
  expect(refusalToDelegate(given, 'ben', 'emma', 2)).toBeNull();
});

it('whatever is passed on, as many can speak as before', () => {
  const voices = (all: HumanTask): number =>
    PEOPLE.reduce<HumanTask>((now, by) => decide(now, { by, act: 'other', at: 1 }), {
      ...all,
      form: ['other'],
      quorum: PEOPLE.length + 1,
      dueAt: null,
    }).said.length;
  const passedOn = fc.array(fc.tuple(person, person), { maxLength: 6 });
  const some = fc.record({ audience: fc.subarray([...PEOPLE], { minLength: 1 }), barred: fc.subarray([...PEOPLE]) });
  fc.assert(
    fc.property(some, passedOn, (one, pairs) => {
      const first = task(one);
      const last = pairs.reduce((now, [by, to]) => delegate(now, by, to, 0), first);
      expect(voices(last)).toBe(voices(first));
    }),
  );
});
