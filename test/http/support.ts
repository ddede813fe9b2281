/** The gateway's outside world in memory, typed by the real interfaces: enough to see what a request does, nothing more. */
import type { Hono } from 'hono';
import type { StewardClient, Submitted } from '../../src/client.ts';
import { ticketWorkflowId } from '../../src/contract.ts';
import type { FlowStanding } from '../../src/deps-flows.ts';
import type { KeyRole } from '../../src/domain/access.ts';
import type { TicketEnvelope } from '../../src/domain/envelope.ts';
import { StewardError } from '../../src/domain/errors.ts';
import { ownLists } from '../../src/domain/list-mail.ts';
import type { TicketState } from '../../src/domain/ticket.ts';
import { createApp } from '../../src/http/app.ts';
import type { EventKey, GatewayDeps, IntakeStore, ParkedMailStore, StatusPage } from '../../src/http/deps.ts';
import { hashKey, newKey } from '../../src/http/keys.ts';

type Told = { ticketId: string; event: string; payload: object };
type Held = { ticketId: string } & Parameters<IntakeStore['hold']>[1];

export interface World {
  readonly app: Hono;
  readonly key: string;
  /** Of that key. */
  role: KeyRole;
  /** Whose own that key is. */
  agent: string | null;
  /** Everything that was asked of the store and of Temporal, in order. */
  readonly calls: string[];
  readonly submitted: TicketEnvelope[];
  readonly told: Told[];
  readonly held: Held[];
  /** Tickets of people who were erased, about which something came. */
  readonly refused: string[];
  readonly late: { ticketId: string; score: number }[];
  /** Mails that wait for a person. */
  readonly parked: Parameters<ParkedMailStore['park']>[0][];
  readonly logged: { level: string; facts: object; message: string }[];
  readonly tickets: Map<
    string,
    { source: string; state: TicketState; customerId: string; subject: string; erased?: boolean }
  >;
  readonly pages: Map<string, StatusPage>;
  readonly customers: Map<string, string>;
  /** Our messages to customers, by their names in the ledger. */
  readonly messages: Map<string, { ticketId: string; to: string }>;
  /** What went to our own people. */
  readonly toUs: Set<string>;
  readonly taken: Set<string>;
  /** Set to make a part fail. */
  fail: { store?: unknown; temporal?: unknown };
  policiesRefused: boolean;
  flow: FlowStanding;
  /** What happens elsewhere while Temporal is asked to start a ticket. */
  meanwhile: () => void;
  /** Does a submitted ticket's workflow run its first step at once? */
  quick: boolean;
  /** Do workflows tell their source? Not those that were started by hand. */
  memo: boolean;
}

/** What stands for the proof in an address that answers go to. */
export const macOf = (ticketId: string, deliveryId: string) =>
  Buffer.from(`${deliveryId}:${ticketId}`)
    .toString('hex')
    .replace(/[^0-9a-v]/g, '0')
    .slice(0, 20)
    .padEnd(20, '0');
export const tokenOf = (ticketId: string) => `tok.${Buffer.from(ticketId).toString('base64url')}`;

export function createWorld(): World {
  const key = newKey();
  const world = {
    key,
    role: 'agent',
    agent: null,
    calls: [],
    submitted: [],
    told: [],
    held: [],
    late: [],
    refused: [],
    parked: [],
    logged: [],
    tickets: new Map(),
    pages: new Map(),
    customers: new Map(),
    messages: new Map(),
    toUs: new Set(),
    taken: new Set(),
    fail: {},
    policiesRefused: false,
    flow: 'deployed',
    quick: true,
    memo: true,
    meanwhile: () => undefined,
  } as Omit<World, 'app'> as World;
  return Object.assign(world, { app: createApp(depsOf(world)) });
}

export function depsOf(world: World): GatewayDeps {
  const store = async <T>(name: string, answer: () => T): Promise<T> => {
    world.calls.push(name);
    if (world.fail.store) throw world.fail.store;
    return answer();
  };
  const wasTaken = (event?: EventKey) => event !== undefined && world.taken.has(`${event.source}/${event.eventId}`);
  const look = (ticketId: string | null, event?: EventKey) => {
    const ticket = ticketId === null ? undefined : world.tickets.get(ticketId);
    return ticket
      ? { source: ticket.source, state: ticket.state, taken: wasTaken(event), erased: ticket.erased ?? false }
      : null;
  };
  return {
    findFlow: async () => {},
    nameOf: (agentId) => (agentId === 'ana' ? 'Ana Ruiz' : undefined),
    isOurs: (email) => email.toLowerCase() === 'ben@support.example',
    // Tasks have tests of their own, on a real workflow.
    tasks: noTasks,
    slackCalls: { take: async () => ({ known: false }) },
    audits: { list: () => store('audits', () => []), find: async () => null, runs: async () => [] },
    sources: new Map(),
    client: clientOf(world),
    answerFlowTask: async () => {
      throw new StewardError('TaskOver', 'not asked for here');
    },
    intake: {
      admit: (hash, ticketId, event) =>
        store('admit', () => ({
          key: hash === hashKey(world.key) ? { id: 'k1', name: 'test', role: world.role, agent: world.agent } : null,
          ticket: look(ticketId, event),
        })),
      ticket: (ticketId, event) => store('ticket', () => look(ticketId, event)),
      firstTicket: (ids) => store('firstTicket', () => ids.find((id) => look(id) !== null) ?? null),
      customerByEmail: (email) =>
        store('customerByEmail', () => {
          const id = world.customers.get(email.toLowerCase());
          return id === undefined ? null : { id };
        }),
      ticketByMessage: (names, sender) =>
        store('ticketByMessage', () => {
          const sent = names.flatMap(({ name }) => world.messages.get(name) ?? []);
          const found = sent.find(({ to }) => to === sender) ?? sent[0];
          return found ? { ticketId: found.ticketId, isCustomers: found.to === sender } : null;
        }),
      wentToUs: (names) => store('wentToUs', () => names.some(({ name }) => world.toUs.has(name))),
      ticketsOfDeliveries: (ids, sender) =>
        store('ticketsOfDeliveries', () =>
          ids.flatMap((deliveryId) => {
            const found = world.messages.get(deliveryId);
            return found ? [{ deliveryId, ticketId: found.ticketId, isCustomers: found.to === sender }] : [];
          }),
        ),
      hold: (ticketId, event) =>
        store('hold', () => {
          if (world.tickets.has(ticketId)) return { held: false };
          world.held.push({ ticketId, ...event });
          return { held: true };
        }),
      closedTicket: (ticketId, event) =>
        store('closedTicket', () => {
          const ticket = world.tickets.get(ticketId);
          return ticket ? { customerId: ticket.customerId, subject: ticket.subject, taken: wasTaken(event) } : null;
        }),
      refuseErased: (ticketId) => store('refuseErased', () => void world.refused.push(ticketId)),
      rateLate: (ticketId, score) =>
        store('rateLate', () => {
          world.late.push({ ticketId, score });
          const page = world.pages.get(ticketId);
          if (page) world.pages.set(ticketId, { ...page, rating: score });
        }),
    },
    // SNS has tests of its own, on the real store.
    feedback: { take: nobodyAsks, record: nobodyAsks, finish: nobodyAsks },
    presenceBy: () => ({ set: async () => null }),
    ownLists: ownLists(['Help <help@x.example>']),
    parkedMails: {
      forgetOld: async () => {},
      park: async (mail) => {
        world.parked.push(mail);
        return { id: 'PM-0', fresh: true };
      },
      list: nobodyAsks,
      read: nobodyAsks,
      find: nobodyAsks,
      drop: nobodyAsks,
    },
    pages: { statusPage: (ticketId) => store('statusPage', () => world.pages.get(ticketId) ?? null) },
    links: {
      statusPage: (ticketId) => `http://127.0.0.1:8080/support/t/${tokenOf(ticketId)}`,
      erasurePage: (requestId) => `http://127.0.0.1:8080/privacy/r/${tokenOf(requestId)}`,
      erasureOf: () => null,
      isReplyTo: (ticketId, deliveryId, mac) => mac === macOf(ticketId, deliveryId),
      askOf: (token) => (token === 'ask' ? { ticketId: 'TKT-1', round: 1, agentId: 'ana' } : null),
      taskOf: () => null,
      ticketOf: (token) =>
        token.startsWith('tok.') ? Buffer.from(token.slice(4), 'base64url').toString('utf8') : null,
    },
    erasures: {
      ask: nobodyAsks,
      enterCode: nobodyAsks,
      withdraw: nobodyAsks,
      look: nobodyAsks,
    },
    trustedProxies: 0,
    privacy: { controller: NOBODY, categories: {} as GatewayDeps['privacy']['categories'] },
    newCustomerId: (email) => `CUST-new-${email.toLowerCase().replace('@', '.')}`,
    policiesRefused: () => world.policiesRefused,
    flowStanding: () => store('flowStanding', () => ({ standing: world.flow, ruling: '0123456789ab' })),
    pingTemporal: async () => {
      if (world.fail.temporal) throw world.fail.temporal;
    },
    codec: {
      webUiOrigin: 'http://127.0.0.1:8233',
      open: async () => ({ outcome: 'unchanged' }),
      seal: async (_namespace, _workflowId, payload) => payload,
      sessions: {
        begin: (id) => `session-of-${id}`,
        keyOf: (token) => token.split('session-of-')[1] ?? null,
        seconds: 60,
      },
      liveKey: async (id) => (id === 'k1' ? { id, name: 'test', role: world.role, agent: world.agent } : null),
      record: async () => {},
    },
    log: {
      info: (facts, message) => void world.logged.push({ level: 'info', facts, message }),
      warn: (facts, message) => void world.logged.push({ level: 'warn', facts, message }),
      error: (facts, message) => void world.logged.push({ level: 'error', facts, message }),
    },
  };
}

/** Erasures have tests of their own, on the real parts. */
const nobodyAsks = async (): Promise<never> => {
  throw new Error('not asked for here');
};
const NOBODY: GatewayDeps['privacy']['controller'] = {
  name: 'Example',
  contact: 'privacy@support.example',
  complaint: { authority: 'the authority', url: 'https://authority.example' },
  timeZone: 'Europe/Berlin',
  holidays: [],
};

function clientOf(world: World): StewardClient {
  const nobody = async (): Promise<never> => {
    throw new StewardError('TicketUnknown', 'not asked for here');
  };
  return {
    tasks: { start: nobody, decide: nobody, delegate: nobody, click: nobody, withdraw: nobody, callOff: nobody },
    flows: { start: nobody, describe: nobody, end: nobody, tasks: nobody, way: nobody, answer: nobody },
    async submit(envelope): Promise<Submitted> {
      world.calls.push('submit');
      world.meanwhile();
      if (world.fail.temporal) throw world.fail.temporal;
      const { ticketId, customerId, subject, message } = envelope.detail;
      const first = world.submitted.find((e) => e.detail.ticketId === ticketId);
      if (first && world.memo && first.source !== envelope.source)
        throw new StewardError('TicketConflict', 'not yours');
      const known = first !== undefined;
      if (!known) world.submitted.push(envelope);
      if (!known && world.quick) {
        world.tickets.set(ticketId, { source: envelope.source, state: 'new', customerId, subject });
        world.pages.set(ticketId, pageOf(ticketId, { subject, message }));
      }
      return { ticketId, workflowId: ticketWorkflowId(ticketId), known };
    },
    async tell(ticketId, event, payload) {
      world.calls.push('tell');
      if (world.fail.temporal) throw world.fail.temporal;
      world.told.push({ ticketId, event, payload });
      const page = world.pages.get(ticketId);
      if (page === undefined) return;
      if ('score' in payload) world.pages.set(ticketId, { ...page, rating: payload.score });
      if ('message' in payload) {
        const author = event === 'agentReplied' ? ('agent' as const) : ('customer' as const);
        const line = { author, body: payload.message, at: '2026-04-23T11:00:00.000Z' };
        world.pages.set(ticketId, { ...page, conversation: [...page.conversation, line] });
      }
    },
    decide: nobody,
    retain: nobody,
    claim: nobody,
    reply: nobody,
    resolve: nobody,
    rate: nobody,
    describe: nobody,
    operate: nobody,
    requestErasure: nobody,
    tellProved: nobody,
    describeErasure: nobody,
    operateErasure: nobody,
    withdrawErasure: nobody,
    measureMonth: nobody,
    operateParked: nobody,
    cancelParked: nobody,
  };
}

export function pageOf(ticketId: string, more: Partial<StatusPage> & { message?: string } = {}): StatusPage {
  const { message = 'It does not work.', ...rest } = more;
  return {
    ticketId,
    subject: 'Login issue',
    state: 'waitingForAgent',
    openedAt: '2026-04-23T10:15:00.000Z',
    conversation: [{ author: 'customer', body: message, at: '2026-04-23T10:15:00.000Z' }],
    rating: null,
    outage: [],
    erased: 'no',
    ...rest,
  };
}

export const REFERENCE = {
  source: 'support.platform',
  'detail-type': 'ticket.created',
  detail: {
    ticketId: 'TKT-2026-0423',
    customerId: 'CUST-8921',
    subject: 'Login issue',
    message: "I can't access my account.",
    sentimentScore: -0.7,
    customerTier: 'premium',
  },
} as const;

export function followUp(type: string, detail: object, id: string | undefined = 'evt-1') {
  return { id, source: 'support.platform', 'detail-type': type, detail: { ticketId: 'TKT-2026-0423', ...detail } };
}

/** What a world must hold for a ticket to be there. */
export function place(world: World, ticketId: string, state: TicketState, source = 'support.platform'): void {
  world.tickets.set(ticketId, { source, state, customerId: 'CUST-8921', subject: 'Login issue' });
  world.pages.set(ticketId, pageOf(ticketId, { state }));
}

type Body = ConstructorParameters<typeof Response>[0];
export async function post(world: World, path: string, body: Body, headers: Record<string, string> = {}) {
  return world.app.request(path, {
    method: 'POST',
    body: body ?? null,
    headers: { authorization: `Bearer ${world.key}`, 'content-type': 'application/json', ...headers },
    ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
  } as RequestInit);
}

export function postEvent(world: World, event: unknown, headers: Record<string, string> = {}) {
  return post(world, '/v1/events', JSON.stringify(event), headers);
}

export const noTasks: GatewayDeps['tasks'] = {
  ask: nobodyAsks,
  look: nobodyAsks,
  list: nobodyAsks,
  decide: nobodyAsks,
  delegate: nobodyAsks,
  click: nobodyAsks,
  withdraw: nobodyAsks,
};
