import { describe, expect, it } from 'vitest';
import type { Problem } from '../../src/domain/errors.ts';
import { parseEvent } from '../../src/schema/followUp.ts';

const KNOWN =
  'ticket.created, ticket.replied, ticket.claimed, ticket.resolved, ticket.reopened, ticket.rated, erasure.requested';

function problemsOf(value: unknown): readonly Problem[] {
  const result = parseEvent(value);
  return 'problems' in result ? result.problems : [];
}
const replied = (detail: unknown) => ({ id: 'e', source: 's', 'detail-type': 'ticket.replied', detail });

describe('parseEvent', () => {
  it('asks a follow-up for its id', () => {
    const event = { source: 's', 'detail-type': 'ticket.rated', detail: { ticketId: 'T-1', score: 1 } };
    expect(parseEvent(event)).toEqual({ problems: [{ field: 'id', message: 'expected text, got nothing' }] });
  });

  it('takes no id that has an address in it, since ids stay when the customer is erased', () => {
    const detail = { ticketId: 'T-1', message: 'hi' };
    const message = expect.stringMatching(
      /^expected an id without an "@", .* since it stays when the customer is erased, got/,
    );
    for (const event of [
      { ...replied(detail), id: 'reply:ada@example.com:7' },
      { ...replied({ email: 'ada@example.com' }), 'detail-type': 'erasure.requested', id: 'ada@example.com' },
    ]) {
      expect(problemsOf(event)).toEqual([{ field: 'id', message }]);
    }
    expect(problemsOf({ ...replied(detail), source: 'ada@example.com' })).toEqual([{ field: 'source', message }]);
    // Long numbers are what ids are made of.
    expect(problemsOf({ ...replied(detail), id: '0301234567', source: 'aws.partner/desk/012345678' })).toEqual([]);
  });

  it('puts a follow-up into the words of the contract', () => {
    const event = {
      id: 'e',
      source: 's',
      'detail-type': 'ticket.replied',
      detail: { ticketId: 'T-1', message: 'hi', agentId: 'ana' },
    };
    expect(parseEvent(event)).toEqual({
      followUp: {
        ticketId: 'T-1',
        source: 's',
        eventId: 'e',
        said: { type: 'agentReplied', agentId: 'ana', message: 'hi' },
      },
    });
  });
});

describe('what is wrong with a follow-up', () => {
  it('is told at once, the agent who is missing too', () => {
    expect(problemsOf(replied({ ticketId: 'T-1', by: 'agent', message: 5 }))).toEqual([
      { field: 'detail.message', message: 'expected text, got a number' },
      { field: 'detail.agentId', message: 'expected the id of the agent who replied, got nothing' },
    ]);
  });

  it('is called null where it is null', () => {
    expect(
      problemsOf({ ...replied({ ticketId: null, by: 'agent', agentId: null, message: 'x' }), source: null }),
    ).toEqual([
      { field: 'source', message: 'expected text, got null' },
      { field: 'detail.ticketId', message: 'expected text, got null' },
      { field: 'detail.agentId', message: 'expected the id of the agent who replied, got null' },
    ]);
  });

  it.each([
    [null, 'null'],
    [undefined, 'nothing'],
    [[], 'an array'],
    ['x', 'text of 1 character'],
    [true, 'true'],
  ])('is the detail itself where that is %j', (detail, came) => {
    expect(problemsOf(replied(detail))).toEqual([{ field: 'detail', message: `expected an object, got ${came}` }]);
  });
});

describe('an event of no known type', () => {
  it('is told the known ones, and nothing of the detail of a type that it is not', () => {
    expect(problemsOf({ source: 's', 'detail-type': 'ticket.assigned', detail: { ticketId: 5 } })).toEqual([
      { field: 'detail-type', message: `expected one of ${KNOWN}, got text of 15 characters` },
    ]);
  });

  it('is told what else is wrong with its head', () => {
    const problems = problemsOf({ id: '', time: 'now', detail: [] });
    expect(problems.map((p) => p.field).sort()).toEqual(['detail-type', 'id', 'source', 'time']);
    expect(problems).toContainEqual({ field: 'detail-type', message: `expected one of ${KNOWN}, got nothing` });
  });

  it.each([[null], [[]], ['x'], [5], [undefined]])('is told that it is no object when it is %j', (value) => {
    expect(problemsOf(value)).toEqual([
      { field: 'event', message: expect.stringMatching(/^expected an object, got /) },
    ]);
  });
});
