/**
 * The register of personal data: for every column of every table, what it holds and what becomes of it in an erasure. A test compares it
 * with the database. Erasure, access export and docs/privacy.md follow it.
 */
import type { PersonalColumn, Reach } from './personal-column.ts';
import {
  BY_CUSTOMER,
  BY_TICKET,
  CUSTOMER_ID,
  EVENT_ID,
  keep,
  LABEL,
  NO_PERSON,
  NOBODY,
  OUR_ID,
  PURPOSE,
  STAFF,
  type Table,
  TICKET_ID,
  TIME,
} from './personal-data-parts.ts';
import { RECORDS } from './personal-data-records.ts';
import { HUMAN_TASKS } from './personal-data-tasks.ts';

export * from './personal-column.ts';

/** What stands where words were erased. */
export const ERASED = '[erased]';

const TABLES: Readonly<Record<string, Table>> = {
  customers: {
    category: 'identity',
    reach: { by: 'customer', column: 'id' },
    columns: {
      id: ['pseudonymise', CUSTOMER_ID],
      name: ['erase', "the person's name"],
      email: ['erase', "the person's address", 'contact'],
      phone: ['erase', "the person's telephone number", 'contact'],
      ...keep(LABEL, 'tier known_from'),
      ...keep(TICKET_ID, 'first_ticket_id'),
      ...keep(OUR_ID, 'erasure_id kept_by'),
      ...keep(TIME, 'created_at frozen_at erased_at'),
    },
  },
  tickets: {
    category: 'ticketFacts',
    reach: { by: 'ticket', column: 'id' },
    columns: {
      id: ['keep', TICKET_ID],
      customer_id: ['pseudonymise', CUSTOMER_ID, 'identity'],
      ...keep(TICKET_ID, 'linked_to'),
      ...keep("Temporal's id of a workflow run, random", 'run_id'),
      ...keep(
        LABEL,
        'source flow channel platform_score envelope_tier state route priority tier weight episode needs_attention revision',
      ),
      facts: [
        'keep',
        'labels, times, scores of two digits and the name of the help article that was tried, which many share; what the customer wrote never gets there',
      ],
      ...keep(STAFF, 'assignee_id', 'staff'),
      ...keep(TIME, 'opened_at updated_at emptied_at'),
    },
  },
  messages: {
    category: 'conversations',
    reach: BY_TICKET,
    columns: {
      subject: ['erase', "the customer's words"],
      body: ['erase', 'what the customer wrote, and what we answered to it'],
      new_words: ['erase', 'the same without what a mail quotes'],
      mail_id: ['erase', "the Message-ID of the customer's mail, which may name their computer or their domain"],
      author_id: ['pseudonymise', `${CUSTOMER_ID}, where the customer is the author; else who of us`, 'identity'],
      ...keep(OUR_ID, 'id'),
      ...keep(TICKET_ID, 'ticket_id'),
      ...keep(EVENT_ID, 'origin'),
      ...keep(LABEL, 'author internal'),
      ...keep(TIME, 'at'),
    },
  },
  parked_mails: {
    category: 'conversations',
    reach: { by: 'address', column: 'sender' },
    columns: {
      sender: ['erase', 'the address in From; the whole row goes'],
      mail: ['erase', 'a mail that was not taken, as it came; goes after 30 days at the latest'],
      provider_id: ['erase', 'leads to the mail where SES has put it; of a mail from `/v1/email` a hash'],
      ...keep('a hash over the id of its provider', 'id'),
      ...keep(LABEL, 'reason'),
      ...keep(TIME, 'at'),
    },
  },
  timeline: {
    category: 'ticketFacts',
    reach: BY_TICKET,
    columns: {
      ...keep(TICKET_ID, 'ticket_id'),
      ...keep(LABEL, 'seq kind'),
      ...keep(TIME, 'at'),
      actor: ['keep', '`customer`, `steward`, `platform` or `operator`, or who of us'],
      facts: [
        'keep',
        "ids of events, labels, names of help articles and numbers of two digits behind the point; a decision's values only where they are labels and nothing personal",
      ],
    },
  },
  events: {
    category: 'ticketFacts',
    reach: BY_TICKET,
    columns: {
      ...keep(TICKET_ID, 'ticket_id'),
      ...keep(LABEL, 'source'),
      ...keep(EVENT_ID, 'event_id'),
      ...keep(TIME, 'taken_at'),
    },
  },
  held_events: {
    category: 'ticketFacts',
    reach: BY_TICKET,
    columns: {
      ...keep(TICKET_ID, 'ticket_id'),
      ...keep(LABEL, 'source type score'),
      ...keep(EVENT_ID, 'event_id'),
      ...keep('leads to a row of messages, whose words go', 'message_id'),
      ...keep(STAFF, 'agent_id', 'staff'),
      ...keep(TIME, 'held_at'),
    },
  },
  deliveries: {
    category: 'deliveries',
    reach: BY_TICKET,
    columns: {
      recipient_id: ['pseudonymise', `${CUSTOMER_ID}, where the customer is the recipient; else who of us`, 'identity'],
      provider_message_id: ['erase', 'leads to the message at the provider, and to its file in the outbox'],
      facts: ['erase', 'what the message says beside its text; it goes with the text'],
      ...keep(OUR_ID, 'id window_id'),
      ...keep(TICKET_ID, 'ticket_id'),
      ...keep('a state of the flow, or an event', 'occasion'),
      ...keep('leads to a row of messages, whose words go', 'message_id'),
      ...keep(LABEL, 'recipient_kind channel transport template status attempts repeats'),
      reason: [
        'keep',
        "words of ours, or a provider's error by its code: what it says besides may name an address, and is dropped",
      ],
      ...keep(TIME, 'created_at updated_at'),
    },
  },
  message_windows: {
    category: 'staff',
    reach: null,
    columns: keep(
      'how many messages which of us got, and that one came in the place of many: it names tickets by their ids',
      'id recipient_id channel template held_until ends_at most messages closed_at status sent_by sender attempts repeats next_at reason provider_message_id given_up_at updated_at',
    ),
  },
  suppressions: {
    category: 'identity',
    reach: BY_CUSTOMER,
    columns: {
      customer_id: ['erase', `${CUSTOMER_ID}; the whole row goes`],
      ...keep(OUR_ID, 'id'),
      ...keep(LABEL, 'reason'),
      ...keep(TIME, 'since'),
    },
  },
  sns_messages: {
    ...NOBODY,
    columns: keep("Amazon's random ids of messages, for a day", 'message_id taken_at finished_at'),
  },
  slack_calls: {
    ...NOBODY,
    columns: keep('digests of calls of Slack, for a quarter of an hour', 'digest taken_at'),
  },
  assignments: {
    category: 'ticketFacts',
    reach: BY_TICKET,
    columns: {
      ...keep(TICKET_ID, 'ticket_id'),
      ...keep('a state of the flow, or an event', 'occasion'),
      ...keep(STAFF, 'agent_id', 'staff'),
      ...keep(LABEL, 'relaxed'),
      ...keep(TIME, 'at'),
    },
  },
  waiting_tickets: {
    category: 'ticketFacts',
    reach: BY_TICKET,
    columns: {
      ...keep(TICKET_ID, 'ticket_id'),
      ...keep(OUR_ID, 'id'),
      ...keep(LABEL, 'needs weight priority relaxed'),
      ...keep(STAFF, 'agent_id', 'staff'),
      ...keep(TIME, 'since queued_at'),
    },
  },
  sla_clocks: {
    category: 'ticketFacts',
    reach: BY_TICKET,
    columns: {
      ...keep(TICKET_ID, 'ticket_id'),
      ...keep(LABEL, 'id metric episode status policy rules target_ms paused_ms derivation revision'),
      ...keep(TIME, 'started_at due_at warned_at breached_at ended_at written_at'),
    },
  },
  ...HUMAN_TASKS,
  parked_batches: {
    category: 'staff',
    reach: null,
    columns: {
      given: ['erase', 'JSON of an operator’s, under a key of its own that is destroyed when the batch ends', 'nobody'],
      ...keep('who of us said what to many parked steps', 'id act fingerprint per_second started_by'),
      ...keep(TIME, 'started_at taken_at ending ended_at'),
    },
  },
  parked_batch_items: {
    category: 'ticketFacts',
    reach: BY_TICKET,
    columns: {
      ...keep(TICKET_ID, 'ticket_id'),
      ...keep('a state of the flow, or an event', 'step'),
      ...keep(OUR_ID, 'batch_id'),
      ...keep(LABEL, 'position seq attempts outcome why'),
      ...keep(TIME, 'settled_at'),
    },
  },
  webhook_endpoints: {
    ...NOBODY,
    columns: keep(
      'who is told of tickets, and how that goes',
      'name events sources active disabled_at disabled_why failures opened_at probe_at pause_ms last_success_at last_failure_at last_failure held_until',
    ),
  },
  webhook_messages: {
    category: 'ticketFacts',
    reach: BY_TICKET,
    columns: {
      ...keep(TICKET_ID, 'ticket_id'),
      ...keep(OUR_ID, 'id message_id'),
      ...keep(LABEL, 'endpoint type status attempts reason'),
      facts: ['keep', 'labels of the ticket after a change and before it, and who of us has it; goes after 30 days'],
      ...keep(TIME, 'at next_at due_from settled_at'),
    },
  },
  provider_circuits: {
    ...NOBODY,
    columns: keep('how calls to a provider went', 'provider failures successes window_began last_failure_at'),
  },
  provider_incidents: {
    ...NOBODY,
    columns: keep(
      'when a provider failed, and what was done about it',
      'id provider reason opened_at used unhelped stopped_at stopped_why probes good_probes pause_ms probe_at last_probe closed_at closed_by over_at watched_until',
    ),
  },
  incident_messages: {
    category: 'staff',
    reach: null,
    columns: keep(
      'which admin was told of it',
      'incident_id occasion recipient_id channel status attempts reason updated_at',
    ),
  },
  notices: {
    ...NOBODY,
    columns: keep(
      'what went wrong with an endpoint, mails or policies, or how a canary ended, in counts and labels',
      'id kind subject reason began_at seen_at ended_at over_at watched_until',
    ),
  },
  notice_messages: {
    category: 'staff',
    reach: null,
    columns: keep(
      'which admin was told of it',
      'notice_id occasion recipient_id channel status attempts reason updated_at',
    ),
  },
  degraded_tickets: {
    category: 'ticketFacts',
    reach: BY_TICKET,
    columns: {
      ...keep(TICKET_ID, 'ticket_id'),
      ...keep(LABEL, 'provider looks'),
      ...keep(TIME, 'at again_at settled_at'),
    },
  },
  sla_rules: { ...NOBODY, columns: keep(NO_PERSON, 'version rules first_read_at') },
  ratings: {
    category: 'ratings',
    reach: BY_TICKET,
    columns: { ...keep(TICKET_ID, 'ticket_id'), ...keep(LABEL, 'episode score'), ...keep(TIME, 'at') },
  },
  consents: {
    category: 'consents',
    reach: BY_CUSTOMER,
    columns: {
      customer_id: ['pseudonymise', CUSTOMER_ID, 'identity'],
      evidence: ['erase', 'leads to the proof, such as a form that bears a name'],
      ...keep(PURPOSE, 'purpose status source'),
      ...keep(TIME, 'at'),
    },
  },
  consent_history: {
    category: 'consents',
    reach: BY_CUSTOMER,
    columns: {
      customer_id: ['pseudonymise', CUSTOMER_ID, 'identity'],
      evidence: ['erase', 'leads to the proof, such as a form that bears a name'],
      ...keep(OUR_ID, 'id'),
      ...keep(PURPOSE, 'purpose status source'),
      ...keep(TIME, 'at recorded_at'),
    },
  },
  legal_holds: {
    category: 'requestRecord',
    reach: BY_CUSTOMER,
    columns: {
      customer_id: ['pseudonymise', CUSTOMER_ID, 'identity'],
      ...keep(OUR_ID, 'id'),
      ...keep(LABEL, 'category'),
      why: ['keep', 'why something had to be kept, as the person is told; whoever places a hold names nobody in it'],
      ...keep(STAFF, 'placed_by lifted_by', 'staff'),
      ...keep(TIME, 'until placed_at lifted_at'),
    },
  },
  agents: {
    category: 'staff',
    reach: null,
    columns: keep(STAFF, 'id skills capacity on_duty presence presence_at last_assigned_at'),
  },
  api_keys: {
    category: 'staff',
    reach: null,
    columns: keep(
      'whose key it is: a system or somebody who works here',
      'id name hash role agent_id created_at revoked_at',
    ),
  },
  data_keys: {
    category: 'identity',
    reach: { by: 'customer', column: 'subject_id' },
    columns: {
      name: ['keep', `names a workflow, a run of a flow by the id that whoever starts it gives: ${TICKET_ID}`],
      subject_id: ['pseudonymise', CUSTOMER_ID],
      named_as: ['erase', 'keyed digests of id and address, while no such customer is known', 'nobody'],
      // Not the person's to have: a copy of it would outlive the shred.
      wrapped: ['erase', 'opens the histories: destroyed, which is what makes them unreadable', 'nobody'],
      kek_id: ['erase', 'goes with the key', 'nobody'],
      ...keep(OUR_ID, 'id'),
      ...keep(LABEL, 'clear_text refuses_clear_text'),
      ...keep(TIME, 'created_at shredded_at'),
    },
  },
  ...RECORDS,
  snapshots: { ...NOBODY, columns: keep('the last answer of a public status page', 'source body at') },
  help_articles: { ...NOBODY, columns: keep(NO_PERSON, 'id language title body hash') },
  help_words: { ...NOBODY, columns: keep(NO_PERSON, 'language word article_id named') },
  help_small_talk: { ...NOBODY, columns: keep(NO_PERSON, 'language word') },
  migrations: { ...NOBODY, columns: keep(NO_PERSON, 'id name run_on') },
};

export const PERSONAL_DATA: readonly PersonalColumn[] = Object.entries(TABLES).flatMap(
  ([table, { category, columns }]) =>
    Object.entries(columns).map(([column, [verdict, why, own]]) => ({
      table,
      column,
      category: own ?? category,
      verdict,
      why,
    })),
);

/** Tables with rows of customers, and how these are found. */
export const REACH: Readonly<Record<string, Reach>> = Object.fromEntries(
  Object.entries(TABLES).flatMap(([table, { reach }]) => (reach ? [[table, reach]] : [])),
);
