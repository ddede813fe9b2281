/** What the commands stand on, in memory and typed by the real interfaces; the commands themselves are the real ones. */
import type { Context, Steward } from '../../src/cli/context.ts';
import { runCli } from '../../src/cli/run.ts';
import type {
  BatchReport,
  DeliveryLine,
  FlowDesk,
  IncidentDesk,
  KeyRow,
  Operator,
  ParkedLine,
  ParkedMailDesk,
  TicketLine,
  TimelineLine,
  WebhookDesk,
} from '../../src/compose-operator.ts';
import type { TicketView } from '../../src/contract.ts';
import type { TicketEnvelope } from '../../src/domain/envelope.ts';
import { StewardError } from '../../src/domain/errors.ts';
import type { ClockRow } from '../../src/domain/sla-row.ts';

export interface World {
  readonly tickets: TicketLine[];
  readonly timeline: TimelineLine[];
  readonly deliveries: DeliveryLine[];
  readonly clocks: ClockRow[];
  readonly parked: ParkedLine[];
  readonly batches: BatchReport[];
  /** What was done with them, in its order. */
  readonly said: unknown[][];
  readonly keys: (KeyRow & { readonly hash: string })[];
  readonly migrations: string[];
  readonly files: Record<string, string>;
  readonly submitted: TicketEnvelope[];
  readonly worked: { ticketId: string; act: string; args: unknown }[];
  readonly operated: { ticketId: string; act: string; args: unknown }[];
  /** The workflow's answer to a query; null when it is gone. */
  view: TicketView | null;
  /** Real ones, where a test is about them. */
  readonly webhooks?: WebhookDesk;
  readonly incidents?: IncidentDesk;
  readonly mails?: ParkedMailDesk;
  readonly flows?: FlowDesk;
  readonly flowFile?: string;
  /** What was opened. */
  readonly opened: string[];
  operatorFails?: unknown;
}

export function createWorld(more: Partial<World> = {}): World {
  return {
    tickets: [],
    timeline: [],
    deliveries: [],
    clocks: [],
    parked: [],
    batches: [],
    said: [],
    keys: [],
    migrations: [],
    files: {},
    submitted: [],
    worked: [],
    operated: [],
    view: null,
    opened: [],
    ...more,
  };
}

/** Runs `steward ...args` on these parts; what is not given here must not be asked for. */
export async function runOn(parts: Partial<Context>, ...args: string[]) {
  const said = { out: '', err: '' };
  const unused = () => Promise.reject(new Error('not asked for here'));
  const exit = await runCli(args, {
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    readText: unused,
    now: Date.now,
    operator: unused,
    migrate: unused,
    steward: unused,
    erasures: unused,
    templates: unused,
    tasks: unused,
    flows: unused,
    runWords: unused,
    ...parts,
  });
  return { exit, ...said };
}

/** Runs `steward ...args` in this world. */
export async function steward(world: World, ...args: string[]) {
  const parts: Partial<Context> = {
    readText: async (file) => {
      const text = world.files[file];
      if (text === undefined) throw new StewardError('InvalidRequest', `${file}: there is no such file`);
      return text;
    },
    now: () => Date.parse('2026-04-23T10:18:00Z'),
    operator: async () => {
      world.opened.push('operator');
      if (world.operatorFails) throw world.operatorFails;
      return operatorOf(world);
    },
    migrate: async () => {
      world.opened.push('migrate');
      return world.migrations;
    },
    steward: async () => {
      world.opened.push('steward');
      return stewardOf(world);
    },
  };
  return runOn(parts, ...args);
}

const unasked = () => Promise.reject(new Error('not asked for here'));
/** Nobody is told of anything. */
/** Where no incident is looked at. */
export const noIncidents: IncidentDesk = {
  list: unasked,
  show: unasked,
  close: unasked,
};

/** Where nothing is deployed. */
export const noFlows: FlowDesk = {
  history: unasked,
  names: unasked,
  fares: unasked,
  fromFile: unasked,
  find: unasked,
  versions: unasked,
  lastTickets: unasked,
  deploy: unasked,
};

export const noWebhooks: WebhookDesk = {
  endpoints: unasked,
  messages: unasked,
  selected: unasked,
  redeliver: unasked,
  test: unasked,
  message: unasked,
  enable: unasked,
};

function operatorOf(world: World): Operator {
  return {
    read: {
      list: async ({ limit, state, needsAttention }) =>
        world.tickets
          .filter((t) => (!state || t.state === state) && (!needsAttention || t.needsAttention))
          .slice(0, limit),
      ticket: async (id) => world.tickets.find((t) => t.ticketId === id) ?? null,
      timeline: async () => world.timeline,
      deliveries: async () => world.deliveries,
      clocks: async () => world.clocks,
      parked: async (id) => world.parked.filter((p) => id === undefined || p.ticketId === id),
      seconds: async () => 1,
    },
    keys: {
      async add(name, hash, role = 'agent', agent = null) {
        world.keys.push({
          id: `k${world.keys.length + 1}`,
          name,
          hash,
          role,
          agent,
          createdAt: new Date(0),
          revokedAt: null,
        });
        return `k${world.keys.length}`;
      },
      live: async () => null,
      list: async () => world.keys.map(({ hash: _, ...row }) => row),
      revoke: async (id) => world.keys.some((key) => key.id === id && key.revokedAt === null),
    },
    webhooks: world.webhooks ?? noWebhooks,
    incidents: world.incidents ?? noIncidents,
    flows: world.flows ?? noFlows,
    flowAnswers: (flows) => (saying, said) => flows.answer(saying, said),
    flowFile: world.flowFile ?? 'flows/support-escalation.asl.json',
    mails: world.mails ?? { list: unasked },
    tasks: unasked,
    isAgent: async (id) => ['ana', 'ben'].includes(id),
    presence: {
      async set(agentId, presence) {
        world.said.push(['presence', [agentId, presence]]);
        return agentId === 'ana' ? 'available' : null;
      },
    },
    parkedBatches: {
      async order(order) {
        world.said.push(['order', order]);
        return '0123456789ab';
      },
      async logCancel(id) {
        world.said.push(['logCancel', id]);
      },
      async logCancelAnswer() {},
      list: async () => world.batches.map(({ items, ...batch }) => ({ ...batch, steps: items.length })),
      async report(id) {
        const found = world.batches.find(({ batchId }) => batchId === id);
        if (!found) throw new StewardError('InvalidRequest', `there is no batch ${id}`);
        return found;
      },
    },
    get privacy(): Operator['privacy'] {
      throw new Error('the privacy commands are tried on a database');
    },
    links: { webUi: (id) => `http://127.0.0.1:8233/namespaces/default/workflows/ticket-${id}` },
    dataConverter: async () => ({}),
    audit: {
      list: async () => [],
      async *links() {},
      note: async () => {},
      verify: async () => ({ ok: true, checked: 0, head: null, warnings: [], openGuards: [] }),
    },
    reports: { list: async () => [], find: async () => null, runs: async () => [] },
    close: async () => {},
  };
}

function stewardOf(world: World): Steward {
  const answer = (ticketId: string): TicketView => {
    if (world.view === null) throw new StewardError('TicketUnknown', `no running workflow for ticket ${ticketId}`);
    return world.view;
  };
  const work = async (ticketId: string, act: string, args: object) => {
    world.worked.push({ ticketId, act, args });
    return answer(ticketId);
  };
  return {
    async submit(envelope) {
      world.submitted.push(envelope);
      const { ticketId } = envelope.detail;
      return { ticketId, workflowId: `ticket-${ticketId}`, known: false };
    },
    describe: async (ticketId) => answer(ticketId),
    claim: (ticketId, args) => work(ticketId, 'claim', args),
    reply: (ticketId, args) => work(ticketId, 'reply', args),
    resolve: (ticketId, args) => work(ticketId, 'resolve', args),
    decide: (ticketId, args) => work(ticketId, 'decide', args),
    async operateParked(id) {
      world.said.push(['start', id]);
      return { workflowId: `parked-${id}` };
    },
    async cancelParked(id) {
      world.said.push(['cancel', id]);
    },
    retain: async () => ({ workflowId: 'retention-asked', runId: '1' }),
    measureMonth: async (month) => ({ workflowId: `monthly-audit-${month}`, runId: '1' }),
    async operate(ticketId, act, args) {
      world.operated.push({ ticketId, act, args });
      return answer(ticketId);
    },
  };
}

export const TICKET: TicketLine = {
  ticketId: 'TKT-2026-0423',
  state: 'waitingForAgent',
  route: 'agent',
  priority: 'HIGH',
  tier: 'premium',
  assigneeId: 'ana',
  needsAttention: false,
  openedAt: '2026-04-23T10:15:00.000Z',
  updatedAt: '2026-04-23T10:15:00.200Z',
  source: 'support.platform',
  flow: 'support-escalation@0123456789ab',
  customerId: 'CUST-8921',
  facts: {
    sentiment: { label: 'NEGATIVE', confidence: 0.7, score: -0.7, source: 'platform', outcome: 'ok', ms: 0 },
    language: 'en',
    customer: {
      tier: { effective: 'premium', crm: 'premium', envelope: 'standard' },
      history: { isNew: false, ticketsSoFar: 2, lastContactAt: null },
      source: 'crm',
      outcome: 'ok',
      ms: 1.2,
    },
    status: {
      indicator: 'major',
      incidents: ['Log-in is slow'],
      source: 'statuspage',
      outcome: 'stale',
      ms: 0,
      at: '2026-04-23T10:00:00.000Z',
      reason: 'no answer',
    },
  },
};

export const VIEW: TicketView = {
  ticketId: 'TKT-2026-0423',
  customerId: 'CUST-8921',
  state: 'waitingForAgent',
  route: 'agent',
  priority: 'HIGH',
  tier: 'premium',
  assigneeId: 'ana',
  episode: 1,
  parked: [],
  waitingFor: 'agent ana',
};

export const TIMELINE: TimelineLine[] = [
  {
    seq: 1,
    at: '2026-04-23T10:15:00.000Z',
    kind: 'received',
    actor: 'customer',
    facts: { source: 'support.platform', channel: null, flow: 'support-escalation' },
  },
  {
    seq: 2,
    at: '2026-04-24T08:00:00.100Z',
    kind: 'decided',
    actor: 'steward',
    facts: {
      state: 'RouteTicket',
      entry: 1,
      next: 'SendWelcomeEmail',
      rule: 1,
      condition: '$.customerHistory.isNew = true',
      inputs: { '$.priority': 'MEDIUM', '$.customerHistory.isNew': true },
      rejected: [{ rule: 0, condition: '$.priority = "HIGH"', actual: 'MEDIUM' }],
    },
  },
];

export const DELIVERY: DeliveryLine = {
  id: '1',
  occasion: 'EscalateToAgent#1',
  recipient: { kind: 'agent', id: 'ana' },
  channel: 'mail',
  transport: 'outbox',
  template: 'escalation',
  status: 'sent',
  reason: null,
  attempts: 1,
  at: '2026-04-23T10:15:00.300Z',
};

export const ENVELOPE = {
  source: 'support.platform',
  'detail-type': 'ticket.created',
  detail: { ticketId: 'TKT-2026-0423', customerId: 'CUST-8921', subject: 'Login issue', message: "I can't get in." },
};
