import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assertLawful,
  beginsEpisode,
  botMaySpeak,
  isOpen,
  nextState,
  TICKET_STATES,
  type TicketEvent,
  type TicketState,
} from '../../src/domain/ticket.ts';

const EVENTS = [
  'answeredByBot',
  'escalated',
  'claimed',
  'agentReplied',
  'customerReplied',
  'resolved',
  'silenceEnded',
  'reopened',
  'rated',
  'windowEnded',
  'cancelled',
  'reassigned',
  'snoozed',
  'noted',
  'givenBack',
] as const satisfies readonly TicketEvent[];

/**
 * The rules once more, in the order of EVENTS and in letters, so that a slip in the table shows: the state after the event by its
 * initials (wA waitingForAgent, iP inProgress, wC waitingForCustomer, so solved, cl closed), `=` the same state, `-` unlawful.
 */
const RULES: Readonly<Record<TicketState, string>> = {
  new: '                wC wA iP wC =  so -  -  =  -  cl -  -  =  -',
  waitingForAgent: '    -  =  iP wC =  so -  -  =  -  cl =  =  =  =',
  inProgress: '         -  =  =  wC =  so -  -  =  -  cl wA -  =  wA',
  waitingForCustomer: ' -  wA iP =  wA so so -  =  -  cl -  -  =  -',
  solved: '             -  -  -  =  wA -  -  wA =  cl cl -  -  =  -',
  closed: '             -  -  -  -  wA -  -  -  =  -  -  -  -  -  -',
};
const SHORT: Readonly<Record<string, TicketState>> = {
  wA: 'waitingForAgent',
  iP: 'inProgress',
  wC: 'waitingForCustomer',
  so: 'solved',
  cl: 'closed',
};

const pairs = TICKET_STATES.flatMap((state) => {
  const row = RULES[state].trim().split(/\s+/);
  return EVENTS.map((event, i) => {
    const rule = row[i] ?? '?';
    return { state, event, after: rule === '-' ? undefined : rule === '=' ? state : SHORT[rule] };
  });
});

describe('every state and every event', () => {
  it.each(pairs.filter((pair) => pair.after !== undefined))('$state, $event: $after', ({ state, event, after }) => {
    expect(nextState(state, event)).toBe(after);
    expect(assertLawful(state, event)).toBe(after);
  });

  it.each(pairs.filter((pair) => pair.after === undefined))('$state, $event: unlawful', ({ state, event }) => {
    expect(nextState(state, event)).toBeUndefined();
    expect(() => assertLawful(state, event)).toThrow(
      expect.objectContaining({ code: 'UnlawfulTransition', message: expect.stringContaining(state) }),
    );
  });

  it('says what would be lawful instead', () => {
    expect(() => assertLawful('solved', 'claimed')).toThrow(
      "a ticket that is solved can't be claimed; lawful now: agentReplied, customerReplied, reopened, rated, windowEnded, cancelled",
    );
  });
});

describe('any sequence of events', () => {
  const sequences = fc.array(fc.constantFrom(...EVENTS), { maxLength: 60 });
  const follow = (events: readonly TicketEvent[]): TicketState[] => {
    const states: TicketState[] = ['new'];
    for (const event of events) states.push(nextState(states.at(-1) ?? 'new', event) ?? states.at(-1) ?? 'new');
    return states;
  };

  it('leads to a state of the list', () => {
    fc.assert(
      fc.property(sequences, (events) => {
        for (const state of follow(events)) expect(TICKET_STATES).toContain(state);
      }),
    );
  });

  it('leaves closed by a customer’s message only, and comes there from solved, or by being cancelled', () => {
    fc.assert(
      fc.property(sequences, (events) => {
        const states = follow(events);
        states.forEach((state, i) => {
          const [before, event] = [states[i - 1], events[i - 1]];
          if (before === 'closed' && event !== 'customerReplied') expect(state).toBe('closed');
          if (before === 'closed' && event === 'customerReplied') expect(state).toBe('waitingForAgent');
          if (state === 'closed' && before !== undefined && event !== 'cancelled') {
            expect(['solved', 'closed']).toContain(before);
          }
        });
      }),
    );
  });

  it('never comes back to new, and begins an episode exactly when it comes back to a person', () => {
    fc.assert(
      fc.property(sequences, (events) => {
        const states = follow(events);
        events.forEach((event, i) => {
          const [before, after] = [states[i] ?? 'new', states[i + 1] ?? 'new'];
          if (before !== 'new') expect(after).not.toBe('new');
          expect(beginsEpisode(before, event)).toBe(!isOpen(before) && isOpen(after));
        });
      }),
    );
  });

  it('leaves every open ticket a way to be solved', () => {
    for (const state of TICKET_STATES) expect(isOpen(state)).toBe(nextState(state, 'resolved') === 'solved');
  });
});

describe('botMaySpeak', () => {
  it.each(TICKET_STATES.flatMap((state) => (['none', 'bot', 'agent'] as const).map((route) => ({ state, route }))))(
    '$state with $route: only a new ticket that no person has',
    ({ state, route }) => {
      expect(botMaySpeak({ state, route })).toBe(state === 'new' && route !== 'agent');
    },
  );
});
