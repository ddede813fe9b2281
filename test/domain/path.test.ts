import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  acknowledge,
  beginPath,
  called,
  dueOf,
  type EscalationPath,
  type Level,
  lapsed,
  nextTurn,
  type PathRules,
  type PathRun,
  paged,
} from '../../src/domain/path.ts';
import {
  followPath,
  heedNote,
  isDone,
  nextAction,
  type Page,
  type Path,
  risePath,
  withPage,
} from '../../src/domain/path-follow.ts';
import type { TicketState } from '../../src/domain/ticket.ts';

const MIN = 60_000;
const level = (over: Partial<Level> = {}): Level => ({
  call: [{ kind: 'admins' }],
  hours: 'any',
  nobody: 'next',
  waitMs: 10 * MIN,
  repeat: 0,
  ...over,
});
function rulesOf(over: Partial<EscalationPath> = {}, calendars: PathRules['calendars'] = {}): PathRules {
  const path = { name: 'urgent', when: {}, firstMs: 5 * MIN, leaseMs: 30 * MIN, levels: [level()], page: null };
  return { version: '0', calendars, paths: [{ ...path, ...over }] };
}
const GIVEN = { priority: 'HIGH', tier: 'premium', given: true };
const begun = (rules: PathRules, at = 0, ticket = GIVEN): PathRun => {
  const run = beginPath(rules, '1.1', ticket, at);
  if (!run) throw new Error('no path fits');
  return run;
};

/** What the path does when nobody ever answers and somebody is always there: `minute: what`. */
function walk(rules: PathRules, people: (due: { level: number }, at: number) => string[] = () => ['ana']): string[] {
  const said: string[] = [];
  let run = begun(rules);
  for (let turn = 0; turn < 50; turn += 1) {
    const at = nextTurn(run);
    if (at === null) return said;
    const due = dueOf(run, rules, at);
    if (due === null) throw new Error('its turn has come, and there is nothing to do');
    const when = `${at / MIN}:`;
    if (due.kind === 'call') {
      const there = people(due, at);
      said.push(`${when} level ${due.level + 1}, call ${due.number}, ${there.join('+') || 'nobody'}`);
      run = called(run, rules, due, { called: there, opensAt: null }, at);
    } else if (due.kind === 'page') {
      said.push(`${when} page ${due.number}`);
      run = paged(run, rules, at);
    } else {
      said.push(`${when} lapse`);
      run = lapsed(run, rules, at);
    }
  }
  throw new Error('it never ends');
}

test('level after level is called, each as often as it says, and at last PagerDuty, once', () => {
  const rules = rulesOf({ levels: [level({ repeat: 1 }), level({ waitMs: 20 * MIN })], page: 'critical' });
  expect(walk(rules)).toEqual([
    '5: level 1, call 1, ana',
    '15: level 1, call 2, ana',
    '25: level 2, call 1, ana',
    '45: page 1',
  ]);
});

test('a ticket that nobody was given begins with the first level at once', () => {
  const run = begun(rulesOf(), 0, { ...GIVEN, given: false });
  expect(dueOf(run, rulesOf(), 0)).toEqual({ kind: 'call', level: 0, number: 1 });
});

test('where nobody is there the next level is called at once', () => {
  const rules = rulesOf({ levels: [level({ repeat: 3 }), level()], page: 'error' });
  expect(walk(rules, ({ level: n }) => (n === 0 ? [] : ['ben']))).toEqual([
    '5: level 1, call 1, nobody',
    '5: level 2, call 1, ben',
    '15: page 1',
  ]);
});

test('a level that waits is called again when somebody begins work', () => {
  const rules = rulesOf({ levels: [level({ nobody: 'wait' })] });
  const run = begun(rules);
  const due = { kind: 'call', level: 0, number: 1 } as const;
  const waiting = called(run, rules, due, { called: [], opensAt: 60 * MIN }, 5 * MIN);
  expect(nextTurn(waiting)).toBe(60 * MIN);
  expect(dueOf(waiting, rules, 60 * MIN - 1)).toBeNull();
  expect(dueOf(waiting, rules, 60 * MIN)).toEqual(due);
});

test('an acknowledgement stops the path for the length of its lease, to the millisecond, and each sign of work begins it anew', () => {
  const rules = rulesOf({ levels: [level(), level()] });
  const first = called(
    begun(rules),
    rules,
    { kind: 'call', level: 0, number: 1 },
    { called: ['ana'], opensAt: null },
    5 * MIN,
  );
  const held = acknowledge(first, rules, 'ana', 6 * MIN);
  expect(dueOf(held, rules, 36 * MIN - 1)).toBeNull();
  expect(dueOf(held, rules, 36 * MIN)).toEqual({ kind: 'lapse', by: 'ana' });
  const again = acknowledge(held, rules, 'ana', 20 * MIN);
  expect(nextTurn(again)).toBe(50 * MIN);
  const on = lapsed(again, rules, 50 * MIN);
  expect(dueOf(on, rules, 50 * MIN)).toEqual({ kind: 'call', level: 1, number: 1 });
});

test('after the end a lapsed acknowledgement calls PagerDuty again; a path without it calls its last level anew', () => {
  const rules = rulesOf({ page: 'critical' });
  const end = paged(begun(rules), rules, 0);
  const again = lapsed(acknowledge(end, rules, 'ana', MIN), rules, 31 * MIN);
  expect(dueOf(again, rules, 31 * MIN)).toEqual({ kind: 'page', severity: 'critical', number: 2 });
  const quiet = rulesOf();
  const done = called(
    begun(quiet),
    quiet,
    { kind: 'call', level: 0, number: 1 },
    { called: ['a'], opensAt: null },
    5 * MIN,
  );
  expect(dueOf(done, quiet, 15 * MIN)).toBeNull();
  const anew = lapsed(acknowledge(done, quiet, 'ana', 16 * MIN), quiet, 46 * MIN);
  // A number of its own: under the first one's nobody would be told again.
  expect(dueOf(anew, quiet, 46 * MIN)).toEqual({ kind: 'call', level: 0, number: 2 });
});

test('the first path fits whose priority, tier and hour are right', () => {
  const office = { timeZone: 'Europe/Berlin', week: { monday: [[540, 1020]] as const }, holidays: [] };
  const rules: PathRules = {
    version: '0',
    calendars: { office },
    paths: [
      { ...rulesOf().paths[0], name: 'day', when: { priority: ['HIGH'], hours: { calendar: 'office', open: true } } },
      {
        ...rulesOf().paths[0],
        name: 'night',
        when: { priority: ['HIGH'], hours: { calendar: 'office', open: false } },
      },
      { ...rulesOf().paths[0], name: 'premium', when: { tier: ['premium'] } },
    ] as EscalationPath[],
  };
  const at = (text: string) => Date.parse(text);
  const fit = (ticket: typeof GIVEN, when: number) => beginPath(rules, '1.1', ticket, when)?.path ?? null;
  expect(fit(GIVEN, at('2026-11-23T08:00:00Z'))).toBe('day');
  expect(fit(GIVEN, at('2026-11-23T16:00:00Z'))).toBe('night');
  expect(fit({ ...GIVEN, priority: 'MEDIUM' }, at('2026-11-23T08:00:00Z'))).toBe('premium');
  expect(fit({ ...GIVEN, priority: 'MEDIUM', tier: 'standard' }, at('2026-11-23T08:00:00Z'))).toBeNull();
});

/** A calm path and an urgent one, by priority. */
function byPriority(page: EscalationPath['page'] = 'critical', pageRepeat = 0): PathRules {
  const levels = [level({ repeat: 1 }), level()];
  const [urgent] = rulesOf({ when: { priority: ['HIGH'] }, levels, page, pageRepeat }).paths;
  const [calm] = rulesOf({
    name: 'calm',
    when: { priority: ['MEDIUM'] },
    firstMs: 240 * MIN,
    levels,
    page,
    pageRepeat,
  }).paths;
  return { version: '0', calendars: {}, paths: [urgent, calm] as EscalationPath[] };
}
/** After something that happened at a minute, with the priority that the ticket has then. */
function after(path: Path, minute: number, kind: string, priority: string, before = priority): Path {
  const row = { state: 'waitingForAgent', episode: 1, priority, tier: null, assigneeId: 'ana' } as const;
  const entry = { at: new Date(minute * MIN).toISOString(), kind, actor: 'ana', facts: {} };
  return risePath(followPath(path, entry, row), entry, row, before);
}
const EMPTY: Path = { rules: byPriority(), run: null, runs: 0, pages: [] };

test('a priority that rises brings the path that fits it, its first wait counted from when the ticket was given', () => {
  const calm = after(EMPTY, 0, 'escalated', 'MEDIUM');
  expect(calm.run).toMatchObject({ id: '1.1', path: 'calm', dueAt: 240 * MIN });
  expect(after(calm, 2, 'reread', 'HIGH').run).toMatchObject({
    id: '1.2',
    path: 'urgent',
    startedAt: 0,
    dueAt: 5 * MIN,
  });
  const late = after(calm, 60, 'reread', 'HIGH');
  expect(late.run).toMatchObject({ path: 'urgent', dueAt: 60 * MIN });
  // Once: what happens afterwards begins nothing anew, and nothing lowers it.
  expect(after(late, 61, 'reread', 'HIGH').run).toBe(late.run);
  expect(after(late, 62, 'reread', 'MEDIUM').run).toBe(late.run);
});

test('a note by whoever has the ticket begins the lease anew; it takes no ticket, and anybody else’s changes nothing', () => {
  const row = { state: 'inProgress', episode: 1, priority: 'HIGH', tier: null, assigneeId: 'ana' } as const;
  const noted = (path: Path, minute: number, by: string, assigneeId: string | null = 'ana') =>
    heedNote(path, { at: new Date(minute * MIN).toISOString(), kind: 'noted', actor: by, facts: {} }, { assigneeId });
  const waiting = after(EMPTY, 0, 'escalated', 'HIGH');
  expect(noted(waiting, 1, 'ana').run).toBe(waiting.run);

  const taken = after(waiting, 2, 'claimed', 'HIGH');
  expect(taken.run && nextTurn(taken.run)).toBe(32 * MIN);
  const worked = noted(taken, 20, 'ana');
  expect(worked.run?.acknowledged).toEqual({ by: 'ana', at: 20 * MIN, until: 50 * MIN });
  expect(noted(taken, 20, 'ana', 'ben').run?.acknowledged).toMatchObject({ by: 'ana', until: 50 * MIN });
  expect(noted(taken, 20, 'ben', 'ben').run?.acknowledged).toMatchObject({ by: 'ben', until: 50 * MIN });
  expect(noted(taken, 20, 'ben').run).toBe(taken.run);
  // Where the lease has ended it is too late.
  const late = { ...taken, run: taken.run && lapsed(taken.run, taken.rules, 32 * MIN) };
  expect(noted(late, 33, 'ana').run).toBe(late.run);
  expect(
    followPath(taken, { at: new Date(20 * MIN).toISOString(), kind: 'noted', actor: 'ana', facts: {} }, row).run,
  ).toBe(taken.run);
});

test('a ticket that no path fitted is called for when its priority rises', () => {
  const rules = { ...EMPTY.rules, paths: EMPTY.rules.paths.slice(0, 1) };
  const none = after({ ...EMPTY, rules }, 0, 'escalated', 'MEDIUM');
  expect(none.run).toBeNull();
  expect(after(none, 7, 'reread', 'HIGH').run).toMatchObject({ id: '1.1', path: 'urgent', dueAt: 7 * MIN });
});

test('where no other path fits, or a run that has not kept its priority is no lower, the run goes on', () => {
  const one = after({ ...EMPTY, rules: rulesOf() }, 0, 'escalated', 'MEDIUM');
  expect(after(one, 2, 'reread', 'HIGH').run).toBe(one.run);
  const { chosen: _, ...old } = after(EMPTY, 0, 'escalated', 'MEDIUM');
  expect(after(old, 2, 'called', 'MEDIUM').run).toBe(old.run);
  expect(after(old, 2, 'reread', 'HIGH', 'MEDIUM').run).toMatchObject({ path: 'urgent', dueAt: 5 * MIN });
});

test('an acknowledgement holds to its end; then the path goes on that fits by then', () => {
  const held = after(after(EMPTY, 0, 'escalated', 'MEDIUM'), 1, 'claimed', 'MEDIUM');
  const worse = after(held, 2, 'reread', 'HIGH');
  expect(worse.run).toBe(held.run);
  const free = { ...worse, run: worse.run && lapsed(worse.run, worse.rules, 31 * MIN) };
  expect(after(free, 31, 'leaseEnded', 'HIGH').run).toMatchObject({ path: 'urgent', dueAt: 31 * MIN });
});

type Step = {
  readonly minutes: number;
  readonly what: 'turn' | 'claimed' | 'escalated' | 'away' | 'told' | 'lost' | 'raised' | 'lowered';
};
const steps = fc.array(
  fc.record({
    minutes: fc.integer({ min: 0, max: 40 }),
    what: fc.constantFrom<Step['what']>(
      'turn',
      'turn',
      'turn',
      'claimed',
      'escalated',
      'away',
      'told',
      'lost',
      'raised',
      'lowered',
    ),
  }),
  { maxLength: 60 },
);

test('whatever happens: nobody is called while an acknowledgement holds, and what PagerDuty has agrees with the ticket once it is told', () => {
  fc.assert(
    fc.property(steps, fc.boolean(), fc.nat(2), (script, isPaging, pageRepeat) => {
      const rules = byPriority(isPaging ? 'critical' : null, pageRepeat);
      const [
        {
          levels: { length: levels },
        },
      ] = rules.paths as [EscalationPath];
      /** Pages of the run since somebody had the ticket. */
      let unheard = 0;
      let priority = 'MEDIUM';
      let path: Path = { rules, run: null, runs: 0, pages: [] };
      let now = 0;
      let state: TicketState = 'new';
      /** The incident at PagerDuty, as its events made it. */
      let incident: 'none' | 'triggered' | 'acknowledged' | 'resolved' = 'none';
      const tell = (lost: boolean) => {
        for (const page of path.pages) {
          const action = nextAction(path, page);
          if (!action) continue;
          if (action === 'trigger') {
            expect(path.run?.acknowledged).toBeNull();
            if (incident === 'none' || incident === 'resolved') incident = 'triggered';
          } else if (incident !== 'none' && incident !== 'resolved') {
            incident = action === 'acknowledge' ? 'acknowledged' : 'resolved';
          }
          const told: Page['told'] = lost ? (action === 'trigger' ? 'tried' : page.told) : action;
          const pages = path.pages.map((one) => (one === page ? { ...one, told } : one));
          path = { ...path, pages: pages.filter((one) => !isDone(path, one)) };
          return true;
        }
        return false;
      };
      for (const { minutes, what } of script) {
        now += minutes * MIN;
        if (what === 'told' || what === 'lost') {
          tell(what === 'lost');
          continue;
        }
        const { run } = path;
        if (what === 'turn') {
          const due = run && dueOf(run, rules, now);
          if (!run || !due) continue;
          if (due.kind !== 'lapse') expect(run.acknowledged).toBeNull();
          if (due.kind === 'call')
            path = { ...path, run: called(run, rules, due, { called: ['ana'], opensAt: null }, now) };
          if (due.kind === 'lapse') path = { ...path, run: lapsed(run, rules, now) };
          if (due.kind === 'page') {
            const page = {
              run: run.id,
              path: run.path,
              number: due.number,
              severity: due.severity,
              told: 'nothing',
            } as const;
            unheard += 1;
            expect(unheard).toBeLessThanOrEqual(pageRepeat + 1);
            path = withPage({ ...path, run: paged(run, rules, now) }, page);
          }
          continue;
        }
        const before = { path, priority };
        if (what === 'raised' || what === 'lowered') priority = what === 'raised' ? 'HIGH' : 'MEDIUM';
        else
          state = what === 'claimed' ? 'inProgress' : what === 'escalated' ? 'waitingForAgent' : 'waitingForCustomer';
        const entry = { at: new Date(now).toISOString(), kind: what, actor: 'ana', facts: {} };
        const row = { state, episode: 1, priority, tier: null, assigneeId: 'ana' };
        path = risePath(followPath(path, entry, row), entry, row, before.priority);
        if (path.run?.id !== before.path.run?.id || path.run?.acknowledged) unheard = 0;
        if (what === 'lowered') expect(path.run).toBe(before.path.run);
        if (what === 'raised' && before.path.run) {
          const next = nextTurn(before.path.run) ?? Number.POSITIVE_INFINITY;
          if (before.path.run.acknowledged) expect(path.run).toBe(before.path.run);
          else expect(path.run?.path).toBe('urgent');
          if (path.run !== before.path.run)
            expect(path.run && nextTurn(path.run)).toBeLessThanOrEqual(Math.max(now, next));
        }
      }
      for (let told = 0; tell(false); told += 1) if (told > 200) throw new Error('there is always more to tell');
      const wanted = (): typeof incident => {
        if (path.run === null || path.run.pages === 0) return incident === 'none' ? 'none' : 'resolved';
        return path.run.acknowledged
          ? incident === 'none' || incident === 'resolved'
            ? incident
            : 'acknowledged'
          : 'triggered';
      };
      const isLapsed =
        path.run !== null && path.run.acknowledged === null && path.run.dueAt !== null && path.run.level < levels;
      // Between a lapse and the page that follows it the incident is still the acknowledged one.
      if (!isLapsed || path.run?.pages === 0) expect(incident).toBe(wanted());
    }),
    { numRuns: 2_000 },
  );
});

test('who gets the ticket from the line, and whoever gets it after somebody gave it back, has all the time anew', () => {
  const rules = rulesOf();
  const heard = (kind: string, why: string, minute: number) => ({
    at: new Date(minute * MIN).toISOString(),
    kind,
    actor: 'steward',
    facts: { why },
  });
  const row = (assigneeId: string | null) =>
    ({ state: 'waitingForAgent', episode: 1, priority: 'HIGH', tier: null, assigneeId }) as const;
  const none: Path = { rules, run: null, runs: 0, pages: [] };
  const inLine = followPath(none, heard('escalated', 'flow', 0), row(null));
  expect(inLine.run && nextTurn(inLine.run)).toBe(0);
  const found = followPath(inLine, heard('escalated', 'agent found', 60), row('ana'));
  expect(found.run && nextTurn(found.run)).toBe(65 * MIN);
  expect(followPath(inLine, heard('escalated', 'agent found', 60), row(null))).toBe(inLine);
  const back = followPath(found, heard('givenBack', '', 61), row(null));
  expect(back.run).toBeNull();
  const again = followPath(back, heard('escalated', 'given back', 61), row('ben'));
  expect(again.run && nextTurn(again.run)).toBe(66 * MIN);
});
