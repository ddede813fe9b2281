import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSaying, type Saying } from '../../src/domain/said.ts';

const RIGHT: Readonly<Record<Saying, object>> = {
  customerReplied: { message: 'Still broken' },
  agentReplied: { agentId: 'ana', message: 'Try now' },
  claimed: { agentId: 'ana' },
  resolved: { agentId: 'ana' },
  reopened: {},
  rated: { score: 4 },
  strangerReplied: { otherTicketId: 'MAIL-0123456789abcdef' },
  lookAgain: { incidentId: '3' },
  taskEnded: {
    taskId: 't1',
    occasion: 'Ask#1',
    ending: 'decided',
    act: 'approve',
    by: ['ana'],
    at: '2026-04-23T14:30:00.000Z',
  },
  deliveryFailed: { deliveryId: '17', outcome: 'bounced' },
  assignmentDue: { off: 'ana' },
  clicked: { eventId: 'c1', by: 'ana', user: 'U0ANA00001', act: 'claim', round: 1 },
  decide: { by: 'ana', act: 'reply', round: 1, message: 'Try now' },
  claim: { agentId: 'ana' },
  reply: { agentId: 'ana', message: 'Try now' },
  resolve: { agentId: 'ana' },
  retry: { step: 'EscalateToAgent#1' },
  fix: { step: 'EscalateToAgent#1', input: {} },
  skip: { step: 'EscalateToAgent#1', result: null },
  abort: { step: 'EscalateToAgent#1' },
};
const SAYINGS = Object.keys(RIGHT) as Saying[];
const NEED_NOTHING: readonly Saying[] = ['resolved', 'reopened', 'retry', 'abort'];
const fieldsOf = (saying: Saying, payload: unknown) => checkSaying(saying, payload).map((problem) => problem.field);

describe.each(SAYINGS)('%s', (saying) => {
  it('is right with its fields, and with the id and source of an event', () => {
    expect(checkSaying(saying, RIGHT[saying])).toEqual([]);
    expect(checkSaying(saying, { ...RIGHT[saying], eventId: 'evt-1', source: 'support.platform' })).toEqual([]);
    expect(checkSaying(saying, { ...RIGHT[saying], eventId: null, source: null })).toEqual([]);
    for (const via of ['key/1f2e3d', 'ownKey/1f2e3d', null]) {
      expect(checkSaying(saying, { ...RIGHT[saying], via })).toEqual([]);
    }
  });

  it('names no other way than a key, by its id: it stays when the customer is gone', () => {
    for (const via of ['ada@customer.example', 'key/', 'key/Ada Lovelace', 7]) {
      expect(fieldsOf(saying, { ...RIGHT[saying], via })).toEqual(['via']);
    }
  });

  it('lets fields in that it does not know', () => {
    expect(checkSaying(saying, { ...RIGHT[saying], priority: 'HIGH', constructor: 'x' })).toEqual([]);
  });

  it.each([null, 'text', 7, true, [], [{}], Number.NaN])('is wrong as %j', (payload) => {
    expect(checkSaying(saying, payload)).toMatchObject([
      { field: saying, message: expect.stringContaining('expected an object') },
    ]);
  });

  it('without any payload is right only where nothing needs to be said', () => {
    expect(checkSaying(saying, undefined).length === 0).toBe(NEED_NOTHING.includes(saying));
  });

  it.each(['', ' ', 7, {}, [], '\u0000', 'x'.repeat(201)])(
    'names an eventId and a source that are wrong: %j',
    (bad) => {
      expect(fieldsOf(saying, { ...RIGHT[saying], eventId: bad })).toEqual(['eventId']);
      expect(fieldsOf(saying, { ...RIGHT[saying], source: bad })).toEqual(['source']);
    },
  );

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withBigInt: true, withSparseArray: true }), (payload) => {
        expect(Array.isArray(checkSaying(saying, payload))).toBe(true);
      }),
    );
  });
});

describe('the fields', () => {
  it.each(['customerReplied', 'agentReplied', 'reply'] as const)(
    '%s: a message is text, 1 to 100,000 characters',
    (s) => {
      for (const message of [undefined, null, '', '  \n', 7, {}, ['x'], 'x'.repeat(100_001), 'NUL \u0000 inside']) {
        expect(fieldsOf(s, { ...RIGHT[s], message })).toEqual(['message']);
      }
      for (const message of ['x', 'x'.repeat(100_000), '\u{1F600}', 'half of one: \uD83D', 'line\nline\t\u0007']) {
        expect(fieldsOf(s, { ...RIGHT[s], message })).toEqual([]);
      }
    },
  );

  it.each(['agentReplied', 'claim', 'reply', 'resolve'] as const)('%s: an agent is named by an id', (s) => {
    const wrong = [undefined, null, '', ' ', 7, {}, [], 'a b', '-a', 'a\nb', 'a\u0000', 'ä', '../x', 'x'.repeat(101)];
    for (const agentId of wrong) expect(fieldsOf(s, { ...RIGHT[s], agentId })).toEqual(['agentId']);
    for (const agentId of ['ana', 'U0ANA00001', 'ana@support.example', 'a:b-c_d.e', 'x'.repeat(100)]) {
      expect(fieldsOf(s, { ...RIGHT[s], agentId })).toEqual([]);
    }
  });

  it('resolved: the agent may be left out, but not be wrong', () => {
    expect(fieldsOf('resolved', { agentId: null })).toEqual([]);
    expect(fieldsOf('resolved', { agentId: 'a b' })).toEqual(['agentId']);
  });

  it('rated: the score is a whole number from 1 to 5', () => {
    for (const score of [1, 2, 3, 4, 5]) expect(fieldsOf('rated', { score })).toEqual([]);
    for (const score of [undefined, null, 0, 6, -1, 2.5, '5', true, [5], {}, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(fieldsOf('rated', { score })).toEqual(['score']);
    }
  });

  it('fix and skip: the value must be there, and may be any JSON', () => {
    expect(fieldsOf('fix', { step: 'a' })).toEqual(['input']);
    expect(fieldsOf('skip', {})).toEqual(['result']);
    for (const value of [null, 0, '', false, [], { a: { b: [1] } }]) {
      expect(fieldsOf('fix', { input: value })).toEqual([]);
      expect(fieldsOf('skip', { result: value })).toEqual([]);
    }
  });

  it('names every wrong field at once, and repeats nothing of what was sent', () => {
    const problems = checkSaying('reply', { agentId: 'my secret', message: 7, eventId: '' });
    expect(problems.map((problem) => problem.field).sort()).toEqual(['agentId', 'eventId', 'message']);
    expect(JSON.stringify(problems)).not.toContain('my secret');
  });
});
