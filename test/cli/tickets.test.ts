import { describe, expect, test } from 'vitest';
import { StewardError } from '../../src/domain/errors.ts';
import { createWorld, DELIVERY, ENVELOPE, steward, TICKET, TIMELINE, VIEW } from './support.ts';

const PARKED = {
  ticketId: 'TKT-2026-0423',
  step: 'EscalateToAgent#1',
  error: 'ProviderFailed',
  cause: 'slack: HTTP 500',
  attempts: 4,
  since: '2026-04-23T10:16:00.000Z',
};

describe('submit', () => {
  const submitting = (event: unknown, more = {}) =>
    createWorld({ files: { 'a.json': JSON.stringify(event) }, ...more });

  test('says where the ticket went', async () => {
    const world = submitting(ENVELOPE);
    const { exit, out, err } = await steward(world, 'submit', 'a.json');
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expect(out).toContain('TKT-2026-0423');
    expect(out).toContain('ticket-TKT-2026-0423');
    expect(out).toContain('http://127.0.0.1:8233/namespaces/default/workflows/ticket-TKT-2026-0423');
    expect(world.submitted).toEqual([ENVELOPE]);
  });

  test('a wrong event names every wrong field, before anything is opened', async () => {
    const world = submitting({ source: 'x', detail: { ticketId: 'a b', customerId: 'c', subject: 4, message: '' } });
    const { exit, out, err } = await steward(world, 'submit', 'a.json');
    expect({ exit, out, opened: world.opened }).toEqual({ exit: 1, out: '', opened: [] });
    for (const field of ['detail-type', 'detail.ticketId', 'detail.subject', 'detail.message']) {
      expect(err).toContain(`  ${field}: expected`);
    }
  });

  test.each([
    ['{"a":1,\n  b}', 'line 2, column 3'],
    ['', 'it is empty'],
    ['{"a":', 'it ends too early'],
  ])('%j is told to be no JSON, and where', async (text, where) => {
    const { exit, err } = await steward(createWorld({ files: { '-': text } }), 'submit', '-');
    expect(exit).toBe(1);
    expect(err).toContain(`standard input is no JSON: `);
    expect(err).toContain(where);
  });

  test('a ticket that is known already is not started again, even when its workflow is forgotten', async () => {
    const world = submitting(ENVELOPE, { tickets: [TICKET] });
    const { exit, out } = await steward(world, 'submit', 'a.json', '--json');
    expect({ exit, submitted: world.submitted }).toEqual({ exit: 0, submitted: [] });
    expect(JSON.parse(out)).toEqual({
      ticketId: 'TKT-2026-0423',
      workflowId: 'ticket-TKT-2026-0423',
      known: true,
      webUi: 'http://127.0.0.1:8233/namespaces/default/workflows/ticket-TKT-2026-0423',
    });
  });

  test('an id that belongs to another source is refused', async () => {
    const world = submitting({ ...ENVELOPE, source: 'form' }, { tickets: [TICKET] });
    const { exit, err } = await steward(world, 'submit', 'a.json');
    expect({ exit, submitted: world.submitted }).toEqual({ exit: 1, submitted: [] });
    expect(err).toContain('belongs to source "support.platform"');
  });
});

describe('list and parked', () => {
  test('a list says state, who has it, and since when', async () => {
    const { out } = await steward(createWorld({ tickets: [{ ...TICKET, needsAttention: true }] }), 'list');
    expect(out.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['TICKET', 'STATE', 'WITH', 'PRIORITY', 'TIER', 'CAME', 'ATTENTION'],
      ['TKT-2026-0423', 'waitingForAgent', 'agent ana', 'HIGH', 'premium', '3 min ago', 'parked'],
      [''],
    ]);
  });

  test('as JSON a list is an array without facts', async () => {
    const { out } = await steward(createWorld({ tickets: [TICKET] }), 'list', '--json');
    const [ticket] = JSON.parse(out);
    expect(ticket).toMatchObject({ ticketId: 'TKT-2026-0423', needsAttention: false });
    expect(ticket).not.toHaveProperty('facts');
  });

  test('the limit and the filters are kept to', async () => {
    const tickets = [TICKET, { ...TICKET, ticketId: 'B', state: 'solved' }, { ...TICKET, ticketId: 'C' }];
    const ids = async (...args: string[]) =>
      JSON.parse((await steward(createWorld({ tickets }), 'list', '--json', ...args)).out).map(
        (t: { ticketId: string }) => t.ticketId,
      );
    expect(await ids('--state', 'solved')).toEqual(['B']);
    expect(await ids('--limit', '2')).toEqual(['TKT-2026-0423', 'B']);
    expect(await ids('--needs-attention')).toEqual([]);
  });

  test('nothing to list says how to get something', async () => {
    expect((await steward(createWorld(), 'list')).out).toContain('npm run demo');
    expect((await steward(createWorld(), 'parked')).out).toBe('Nothing is parked.\n');
    expect((await steward(createWorld(), 'parked', '--json')).out).toBe('[]\n');
  });

  test('parked names the step, its error, and what can be said to it', async () => {
    const { out } = await steward(createWorld({ parked: [PARKED] }), 'parked');
    expect(out).toMatch(/TKT-2026-0423 +EscalateToAgent#1 +ProviderFailed +4 +2 min ago/);
    expect(out).toContain('npx steward skip TICKET');
  });

  test('by groups, steps that failed by the same are one line with an example', async () => {
    const later = { ...PARKED, ticketId: 'B', step: 'EscalateToAgent#2', since: '2026-04-23T10:17:00.000Z' };
    const world = createWorld({ parked: [PARKED, later, { ...PARKED, ticketId: 'C', error: 'DeliveryUnknown' }] });
    const [heading, first, second] = (await steward(world, 'parked', '--groups')).out.split('\n');
    expect(heading).toMatch(/^GROUP +STEPS +FIRST +LAST +ERROR +EXAMPLE +CAUSE$/);
    expect(first).toMatch(
      /^[0-9a-f]{16} +2 +2 min ago +1 min ago +ProviderFailed +TKT-2026-0423 EscalateToAgent#1 +slack: HTTP 500$/,
    );
    expect(second).toMatch(/^[0-9a-f]{16} +1 .*DeliveryUnknown +C /);
    const groups = JSON.parse((await steward(world, 'parked', '--groups', '--json')).out);
    expect(groups).toMatchObject([
      { count: 2, first: PARKED.since, last: later.since, example: { ticketId: PARKED.ticketId, step: PARKED.step } },
      { count: 1, error: 'DeliveryUnknown' },
    ]);
  });
});

describe('show', () => {
  const world = () => createWorld({ tickets: [TICKET], timeline: TIMELINE, deliveries: [DELIVERY], view: VIEW });

  test('tells state, facts with their sources, every entry, and who was told what', async () => {
    const { exit, out } = await steward(world(), 'show', 'TKT-2026-0423');
    expect(exit).toBe(0);
    expect(out).toMatch(/Waits for +agent ana/);
    expect(out).toMatch(/sentiment +NEGATIVE, confidence 0.7, score -0.7 +platform in 0 ms \(ok\)/);
    expect(out).toMatch(/tier premium as the CRM says \(the event said standard\); tickets before: 2 +crm in 1.2 ms/);
    expect(out).toMatch(
      /major: Log-in is slow +statuspage in 0 ms \(stale since 2026-04-23T10:00:00.000Z: no answer\)/,
    );
    expect(out).toContain('10:15:00.000  customer  came in from support.platform');
    expect(out).toMatch(/agent ana +mail \(outbox\) +escalation +sent/);
  });

  test('a decision comes with its inputs and every rejected rule', async () => {
    const { out } = await steward(world(), 'show', 'TKT-2026-0423');
    expect(out).toContain('RouteTicket: on to SendWelcomeEmail, by rule 2: $.customerHistory.isNew = true');
    expect(out).toContain('- looked at $.priority = "MEDIUM", $.customerHistory.isNew = true');
    expect(out).toContain('- rejected rule 1: $.priority = "HIGH", for it was "MEDIUM"');
  });

  test('every day of the way is named once', async () => {
    const { out } = await steward(world(), 'show', 'TKT-2026-0423');
    expect(out.match(/^ {2}2026-04-2\d$/gm)).toEqual(['  2026-04-23', '  2026-04-24']);
  });

  test('a parked step shows what can be done, with its name', async () => {
    const { out } = await steward({ ...world(), parked: [PARKED] }, 'show', 'TKT-2026-0423');
    expect(out).toContain("npx steward retry|fix|skip|abort TKT-2026-0423 --step 'EscalateToAgent#1'");
    expect(out).toMatch(/Why +ProviderFailed: slack: HTTP 500/);
  });

  test('a ticket whose workflow is gone is shown all the same', async () => {
    const closed = { ...world(), view: null, tickets: [{ ...TICKET, state: 'closed' }] };
    const { exit, out } = await steward(closed, 'show', 'TKT-2026-0423');
    expect(exit).toBe(0);
    expect(out).toMatch(/Waits for +nothing/);
    const json = JSON.parse((await steward(closed, 'show', 'TKT-2026-0423', '--json')).out);
    expect(json.waitingFor).toBeNull();
  });

  test('its JSON holds the ticket, what it waits for, parked steps, timeline, deliveries and link', async () => {
    const json = JSON.parse((await steward(world(), 'show', 'TKT-2026-0423', '--json')).out);
    expect(json).toMatchObject({ ...TICKET, waitingFor: 'agent ana', parked: [], deliveries: [DELIVERY] });
    expect(json.timeline[1]).toMatchObject({ ...TIMELINE[1], words: expect.stringContaining('RouteTicket: on to') });
    expect(json.webUi).toContain('ticket-TKT-2026-0423');
  });

  test('an unknown ticket is an error of one line', async () => {
    const { exit, out, err } = await steward(createWorld(), 'show', 'TKT-9');
    expect({ exit, out, err }).toEqual({
      exit: 1,
      out: '',
      err: 'steward: there is no ticket TKT-9; see `npx steward list`\n',
    });
  });
});

describe('retry, fix, skip and abort', () => {
  test.each([
    [['retry', 'T'], 'retry', {}],
    [['retry', 'T', '--step', 'A#1'], 'retry', { step: 'A#1' }],
    [['abort', 'T'], 'abort', {}],
    [['skip', 'T'], 'skip', { result: {} }],
    [
      ['skip', 'T', '--result', '{"agentId":"ana"}', '--step', 'A#1'],
      'skip',
      { step: 'A#1', result: { agentId: 'ana' } },
    ],
    [['fix', 'T', '--input', '{"a":[1]}'], 'fix', { input: { a: [1] } }],
    [['fix', 'T', '--input', '@in.json'], 'fix', { input: { from: 'file' } }],
  ])('%j reaches the workflow', async (args, act, given) => {
    const world = createWorld({ view: VIEW, files: { 'in.json': '{"from":"file"}' } });
    const { exit, out } = await steward(world, ...args);
    expect(exit).toBe(0);
    expect(out).toContain('It waits for agent ana.');
    expect(world.operated).toEqual([{ ticketId: 'T', act, args: given }]);
  });

  test('the JSON is the ticket as it is afterwards', async () => {
    const { out } = await steward(createWorld({ view: VIEW }), 'retry', 'T', '--json');
    expect(JSON.parse(out)).toEqual(VIEW);
  });

  test('input that is no JSON is refused before anything is opened', async () => {
    const world = createWorld({ view: VIEW });
    const { exit, err } = await steward(world, 'fix', 'T', '--input', '{bad');
    expect({ exit, opened: world.opened }).toEqual({ exit: 1, opened: [] });
    expect(err).toContain('--input is no JSON: it goes wrong at line 1, column 2');
  });
});

describe('being called wrongly', () => {
  test.each([
    [['lst'], 'Did you mean list?'],
    [['list', '--state', 'open'], 'Allowed choices are new, waitingForAgent'],
    [['list', '--limit', '0'], 'a whole number from 1 to 10000'],
    [['fix', 'T'], "required option '--input <json>' not specified"],
    [['show'], "missing required argument 'ticket'"],
  ])('%j exits with 2 and says so', async (args, said) => {
    const { exit, out, err } = await steward(createWorld(), ...args);
    expect({ exit, out }).toEqual({ exit: 2, out: '' });
    expect(err).toContain(said);
  });

  test('help goes to standard output, exits with 0 and opens nothing', async () => {
    const world = createWorld();
    const { exit, out } = await steward(world, '--help');
    expect({ exit, opened: world.opened }).toEqual({ exit: 0, opened: [] });
    expect(out).toContain('submit [options] <file>');
  });
});

describe('errors', () => {
  test('our own are told without a stack', async () => {
    const operatorFails = new StewardError('Unavailable', 'PostgreSQL does not answer. Run `npm start`.');
    const { exit, err } = await steward(createWorld({ operatorFails }), 'list');
    expect({ exit, err }).toEqual({ exit: 1, err: 'steward: PostgreSQL does not answer. Run `npm start`.\n' });
  });

  test('one that nobody foresaw shows where it came from', async () => {
    const { exit, err } = await steward(createWorld({ operatorFails: new Error('what is this') }), 'list');
    expect(exit).toBe(1);
    expect(err).toMatch(/Error: what is this\n +at /);
  });
});
