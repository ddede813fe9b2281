/** Made-up data for a look at a template: every message there is can be shown before there is a ticket. */
import type { Channel, DeliveryRequest, LetterName, TemplateName } from './delivery.ts';
import type { JsonObject } from './json.ts';
import { noticeData } from './notice.ts';
import { MOST_NAMED, summaryData } from './storm.ts';

interface Example {
  /** Whom it goes to. */
  readonly to: DeliveryRequest['recipient']['kind'];
  readonly channels: readonly Channel[];
  readonly facts: NonNullable<DeliveryRequest['facts']>;
}

const toCustomer = (facts: Example['facts'] = {}): Example => ({ to: 'customer', channels: ['mail'], facts });
const toAgent = (facts: Example['facts']): Example => ({ to: 'agent', channels: ['slack', 'mail'], facts });
const LATE = {
  metric: 'first response',
  due: '2026-04-23 12:15 UTC',
  derivation: '2 h of working time from 2026-04-23 10:15 UTC, by the rule for HIGH',
};

export const EXAMPLES: Readonly<Record<TemplateName, Example>> = {
  welcome: toCustomer(),
  'bot-answer': toCustomer({ articleId: 'reset-password', articleTitle: 'Resetting your password' }),
  'handed-over': toCustomer(),
  'agent-reply': toCustomer(),
  escalation: toAgent({ why: 'flow', round: 1 }),
  parked: toAgent({ step: 'SendWelcomeEmail#1', attempts: 4, error: 'ProviderFailed', cause: 'ses: HTTP 503' }),
  'sla-warned': toAgent(LATE),
  'sla-breached': toAgent(LATE),
  undelivered: toAgent({ outcome: 'bounced', template: 'welcome', to: 'customer' }),
  'other-sender': toAgent({ otherTicketId: 'MAIL-5f2c' }),
  call: toAgent({ path: 'urgent', level: 1, number: 1, since: '2026-04-23T10:15:00.000Z', round: 1 }),
  page: {
    to: 'team',
    channels: ['pagerduty'],
    facts: { path: 'urgent', action: 'trigger', dedupKey: 'steward/TKT-EXAMPLE/1.1', severity: 'critical' },
  },
  'notify-customer': toCustomer({ subject: 'Your parcel comes later', run: null }),
  notify: toAgent({ subject: 'A parcel comes later', run: null }),
  'notify-page': {
    to: 'team',
    channels: ['pagerduty'],
    facts: {
      subject: 'The carrier takes no orders',
      run: null,
      action: 'trigger',
      dedupKey: 'steward/TKT-EXAMPLE/Tell#1',
      severity: 'error',
    },
  },
  'page-instead': {
    to: 'agent',
    channels: ['pagerduty'],
    facts: { insteadOf: 'slack', incident: '7', action: 'trigger', dedupKey: 'steward/incident/7', severity: 'error' },
  },
};

/** The ticket that the examples are about. */
export const EXAMPLE_TICKET = {
  id: 'TKT-EXAMPLE',
  subject: "Can't log in",
  state: 'waitingForAgent',
  priority: 'HIGH',
  tier: 'premium',
  facts: {
    language: 'en',
    sentiment: { label: 'NEGATIVE', source: 'local', outcome: 'ok' },
    tried: { articleId: 'reset-password', confidence: 0.62 },
  },
} as const;
export const EXAMPLE_CUSTOMER = { id: 'CUST-EXAMPLE', name: 'Ada Example', email: 'ada@customer.example' } as const;
export const EXAMPLE_WORDS = "I can't get into my account.\nCould somebody have a look?";
export const EXAMPLE_ANSWER = 'Use "Forgot password" on the log-in page, and wait for our mail.';

const CONTROLLER = {
  name: 'Example Support',
  contact: 'privacy@support.example',
  authority: 'the data protection authority',
  authorityUrl: 'https://authority.example',
};
const ERASURE = {
  controller: CONTROLLER,
  request: { id: 'ERA-EXAMPLE' },
  links: { request: 'https://support.example/privacy/r/ERA-EXAMPLE~shown-to-nobody' },
};

const INCIDENT = {
  facts: {
    provider: 'Comprehend',
    incident: '7',
    reason: 'HTTP 503',
    since: '2026-04-23 10:15 UTC',
    until: '2026-04-23 10:45 UTC',
    remedy: 'the local analyser takes its place',
    used: 12,
    stopped: '',
    by: 'probe',
    probes: 4,
    degraded: 9,
  },
};

const POLICY_FILES = ['policies/team.yaml', 'policies/sla.yaml', 'policies/escalation.yaml'];
const NOTICE = {
  id: '3',
  kind: 'webhook',
  subject: 'support-platform',
  reason: 'HTTP 503',
  beganAt: Date.UTC(2026, 3, 23, 10, 15),
  endedAt: null,
  isOver: false,
} as const;

const TASK = {
  recipient: { id: 'ana', name: 'Ana Example' },
  task: {
    id: 'TASK-EXAMPLE',
    kind: 'approval',
    question: 'Refund of order 1042',
    ticketId: 'TKT-EXAMPLE',
    runId: null,
    requester: 'Ben Example',
    form: 'approve, refuse',
    stands: 'open',
  },
  links: {
    task: 'https://support.example/task/TASK-EXAMPLE~shown-to-nobody',
    webUi: 'https://temporal.example/namespaces/default/workflows/ticket-TKT-EXAMPLE',
  },
};

export const LETTER_EXAMPLES: Readonly<Record<LetterName, JsonObject>> = {
  'erasure-code': { ...ERASURE, code: '1234 5678', minutes: 30, tries: 5 },
  'erasure-cooling': { ...ERASURE, hours: 24, proof: 'code' },
  'erasure-nobody': ERASURE,
  'erasure-outcome': {
    ...ERASURE,
    outcome: 'partly',
    reason: '',
    erased: ['what you wrote to us'],
    kept: [{ category: 'invoices', why: 'the law asks for it', statute: '§ 147 AO', until: '2034-12-31' }],
    open: ['crm'],
  },
  'erasure-extension': { ...ERASURE, reason: 'There are many requests at present.', until: '2026-07-23' },
  'erasure-officers': {
    ...ERASURE,
    news: 'approval',
    step: 'delete',
    instead: 'ERA-OTHER',
    due: '2026-05-23',
    findings: [],
    more: 0,
  },
  'task-asked': TASK,
  'task-ended': { ...TASK, task: { ...TASK.task, stands: 'decided: approve, by Ana Example' } },
  summary: summaryData(
    {
      id: '7',
      template: 'parked',
      messages: 190,
      before: 10,
      tickets: 190,
      named: Array.from({ length: MOST_NAMED }, (_, i) => `TKT-EXAMPLE-${i + 1}`),
    },
    { id: 'ana', name: 'Ana Example' },
    (ticketId) => `https://temporal.example/namespaces/default/workflows/ticket-${ticketId}`,
  ),
  'incident-opened': INCIDENT,
  'incident-stopped': { facts: { ...INCIDENT.facts, stopped: 'it was used 100 times' } },
  'incident-closed': INCIDENT,
  'notice-began': noticeData(NOTICE, {}, POLICY_FILES),
  'notice-ended': noticeData({ ...NOTICE, endedAt: Date.UTC(2026, 3, 23, 10, 45) }, {}, POLICY_FILES),
  'monthly-audit': {
    month: '2026-04',
    differs: [],
    sha256: '0'.repeat(64),
    command: 'npx steward audit monthly 2026-04',
    links: { report: 'https://support.example/v1/audits/2026-04' },
    figures: {
      received: 3,
      done: 2,
      partlyRefused: 0,
      refused: 0,
      notProved: 1,
      nobody: 0,
      superseded: 0,
      withdrawn: 1,
      abandoned: 0,
      lateByAim: 0,
      lateWithPauses: 0,
      open: 0,
      overdue: 0,
      median: '2.0 days',
      worst: '3.0 days',
      silent: 0,
      looks: 2,
      found: 0,
      ticketsEmptied: 12,
      decodes: 1,
      logFrom: 1,
      logTo: 4_096,
      log: 'whole',
      logBad: '',
      mismatches: 0,
      stillKept: 1,
      keptEnded: 1,
      withoutReason: 0,
      reviewMissing: false,
    },
  },
};
