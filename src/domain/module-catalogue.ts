/** What each module takes and gives, for the checker, for whoever writes a flow, and for docs/modules.md. */
import { HTTP_METHODS } from './http-call.ts';
import type { Json, JsonObject } from './json.ts';
import type { ModuleName } from './modules.ts';
import { NOTIFY_CHANNELS, type Notified } from './notify.ts';

/** What a module gives to its flow. `null` in its place: the ticket was over before it came to anything, and the flow ends. */
export type ModuleResults = {
  readonly analyzeTicket: {
    readonly ticketId: string;
    readonly customerId: string;
    readonly priority: string;
    readonly customerTier: string;
    readonly customerHistory: {
      readonly isNew: boolean;
      readonly ticketsSoFar: number;
      readonly lastContactAt: string | null;
    };
    readonly sentiment: string;
    readonly sentimentSource: string;
    readonly language: string;
    readonly outage: boolean;
  };
  readonly resolveWithBot: {
    readonly answered: boolean;
    readonly articleId?: string | null;
    readonly confidence?: number;
    readonly reason?: string;
  };
  readonly escalateToAgent: { readonly agentId: string | null };
  readonly sendWelcomeEmail: { readonly delivered: boolean };
  readonly notify: Notified;
  readonly askPeople: {
    readonly taskId: string;
    readonly decision: string | null;
    readonly ending: string;
    readonly timedOut: boolean;
    readonly by: readonly string[];
    readonly at: string;
  };
  readonly http: { readonly status: number; readonly body: Json };
};

type Field = JsonObject & { readonly description: string };
type FieldsOf<Result> = { readonly [Name in keyof Required<Result>]: Field };

export interface ModuleCard<Result = unknown> {
  readonly description: string;
  /** JSON Schema of its Task's Parameters; null: it takes what it needs from the ticket, whatever the flow hands it. */
  readonly input: JsonObject | null;
  /** By name, JSON Schema; there are no others. `x-personal`: it leads to a person, and dies with them. Null: whatever its token is completed with. */
  readonly output: FieldsOf<Result> | null;
  /** Whom it calls, and what that costs. */
  readonly cost: string;
  /** What a repeat does: a Task's Retry, an operator's `retry`, or a worker that died. */
  readonly repeated: string;
}

const ANY_TYPE = ['object', 'array', 'string', 'number', 'boolean', 'null'] as const;
const ID = { type: 'string' } as const;
const flag = (description: string): Field => ({ type: 'boolean', description });
const text = (description: string, more: JsonObject = {}): Field => ({ ...ID, description, ...more });

const HISTORY: FieldsOf<ModuleResults['analyzeTicket']['customerHistory']> = {
  isNew: flag('No ticket before this one, and not in the CRM before it.'),
  ticketsSoFar: { type: 'integer', description: 'Before this one.' },
  lastContactAt: { type: ['string', 'null'], description: 'ISO 8601; null: never.' },
};

type CardOf<Name> = Name extends keyof ModuleResults
  ? ModuleCard<ModuleResults[Name]> & { readonly output: object }
  : ModuleCard & { readonly output: null };

export const CATALOGUE: { readonly [Name in ModuleName]: CardOf<Name> } = {
  analyzeTicket: {
    description: 'Gathers the facts, each source within its deadline, and draws the priority from them.',
    input: null,
    output: {
      ticketId: text("The ticket's id."),
      customerId: text("The customer's id.", { 'x-personal': true }),
      priority: text('HIGH or MEDIUM.', { enum: ['HIGH', 'MEDIUM'] }),
      customerTier: text('The tier that counts, of the CRM and of the envelope.'),
      customerHistory: {
        type: 'object',
        description: 'What was between us before.',
        properties: HISTORY,
        additionalProperties: false,
      },
      sentiment: text('POSITIVE, NEGATIVE, NEUTRAL or MIXED.', { enum: ['POSITIVE', 'NEGATIVE', 'NEUTRAL', 'MIXED'] }),
      sentimentSource: text('Who said so: comprehend, local, platform or none.'),
      language: text('ISO 639-1, such as de.'),
      outage: flag('The status page tells of an outage.'),
    },
    cost: 'where they are configured, two requests to Amazon Comprehend (language, sentiment; one for a short text) and one to the status page',
    repeated: 'asks anew',
  },
  resolveWithBot: {
    description: 'Answers from the help articles when one is a sure match and nobody else has the ticket.',
    input: null,
    output: {
      answered: flag('The answer is on its way, or was taken by the mail provider.'),
      articleId: {
        type: ['string', 'null'],
        description: 'The best match, sure or not; absent where none was looked for.',
      },
      confidence: { type: 'number', description: 'Of the match, 0 to 1.' },
      reason: text(
        'Why there is no answer: a person has the ticket, or is asked for, the customer wrote again meanwhile, or no mail reaches them.',
      ),
    },
    cost: 'one mail',
    repeated: 'sends the same answer once',
  },
  escalateToAgent: {
    description:
      'Gives the ticket to an agent who fits and has room, or puts it in line, and tells them and the customer.',
    input: null,
    output: { agentId: { type: ['string', 'null'], description: 'Who has it; null: it waits in line.' } },
    cost: 'messages by mail or Slack; a page by PagerDuty where the escalation path ends in one',
    repeated: 'tells each of them once',
  },
  sendWelcomeEmail: {
    description: 'Welcomes a new customer.',
    input: null,
    output: { delivered: flag('false: the address is suppressed, or nobody knows it.') },
    cost: 'one mail',
    repeated: 'sends the same mail once',
  },
  notify: {
    description:
      'Tells somebody something: the customer, one of us, a team, the admins, whoever is on call, or a contact outside that `policies/team.yaml` names.',
    input: {
      type: 'object',
      required: ['to', 'subject', 'text'],
      additionalProperties: false,
      properties: {
        to: {
          type: ['string', 'array'],
          items: ID,
          description:
            "`customer`, `admins`, `everybody`, `onCall` (PagerDuty), `team/NAME`, `contact/NAME`, an agent's id, or a list of them.",
        },
        channel: text('Where nothing is said, Slack where they have an account there, else mail.', {
          enum: [...NOTIFY_CHANNELS],
        }),
        subject: text('One line, words of the flow itself, and of no path; they name nobody.'),
        text: text('What is to be said, without greeting or signature. PagerDuty gets the subject alone.'),
        urgent: flag('Neither quiet hours nor storm control hold it back.'),
      },
    },
    output: {
      delivered: flag('At least one message went out, or waits to.'),
      sent: { type: 'integer', description: 'Messages that a provider took.' },
      held: { type: 'integer', description: 'Those that wait: quiet hours, or too many of a kind.' },
      suppressed: {
        type: 'integer',
        description: 'Those that never go out: no address, mail that came back, or a customer who is being erased.',
      },
    },
    cost: 'a message to each by mail, Slack or PagerDuty',
    repeated: 'tells each of them once',
  },
  askPeople: {
    description: 'Asks people to decide, and waits until they have, their time is over or somebody withdraws it.',
    input: {
      type: 'object',
      required: ['question', 'audience', 'form'],
      additionalProperties: false,
      properties: {
        kind: { enum: ['approval', 'correction'] },
        question: { type: 'string', description: 'Words of the flow itself, and of no path; they name nobody.' },
        audience: { type: 'array', items: ID, description: 'Ids of agents, team/NAME, admins or everybody.' },
        form: { type: 'array', items: ID, description: 'What may be said, words of the flow itself.' },
        quorum: { type: 'integer', description: 'How many have to say the same; 1 where nothing is said.' },
        barred: { type: 'array', items: ID, description: 'Who may not decide.' },
        dueSeconds: { type: 'integer', description: 'It ends by itself after so many.' },
        otherwise: { type: 'string', description: 'What then counts as said.' },
        requester: { type: 'string', description: 'Whose request it is: they may not decide.' },
      },
    },
    output: {
      taskId: text("The task's id."),
      decision: {
        type: ['string', 'null'],
        description: 'One of the form; null: nobody decided, and nothing counts as said.',
      },
      ending: text('How it ended.', { enum: ['decided', 'timedOut', 'withdrawn'] }),
      timedOut: flag('It ended by its time.'),
      by: { type: 'array', items: ID, description: 'Ids of who decided.' },
      at: text('When it ended, ISO 8601.'),
    },
    cost: 'a message to each of the audience, and another when it is over',
    repeated: 'asks the same task',
  },
  waitForSignal: {
    description: 'Waits until somebody completes or fails its token: by signal, API or command line.',
    input: null,
    output: null,
    cost: 'nothing',
    repeated: 'waits for another token',
  },
  http: {
    description:
      'Makes one request to a host of `policies/http.yaml`. Fails with `States.Http.StatusCode.<status>` where the answer is not 2xx (redirects too), `States.Http.Socket` where none came.',
    input: {
      type: 'object',
      required: ['url'],
      additionalProperties: false,
      properties: {
        url: text('https, or http on this machine.'),
        method: text('GET where nothing is said.', { enum: [...HTTP_METHODS] }),
        headers: { type: 'object', description: 'Names and texts; no secrets.' },
        body: {
          type: [...ANY_TYPE],
          description:
            'A text goes as it is, everything else as JSON. It is beyond every erasure: ids rather than names.',
        },
        sign: flag("Signed as Standard Webhooks says, with the host's secret."),
      },
    },
    output: {
      status: { type: 'integer', description: 'Of the answer, 200 to 299.' },
      body: {
        type: [...ANY_TYPE],
        description: 'JSON where the answer says that it is, else a text; null: nothing. 256 KiB at most.',
      },
    },
    cost: 'one request',
    repeated: 'has the same `Idempotency-Key`, but for an attempt that gives away a token of its own',
  },
};

/** What a module gives, as one JSON Schema; undefined: anything. */
export function resultSchema(name: ModuleName): JsonObject | undefined {
  const { output }: ModuleCard = CATALOGUE[name];
  return output === null ? undefined : { type: 'object', properties: output, additionalProperties: false };
}
