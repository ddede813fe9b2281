import type { Deps } from '../deps.ts';
import type { AssignmentAsked } from '../deps-assignments.ts';
import type { Relaxed } from '../domain/assign.ts';
import { type Delivery, type DeliveryRequest, MAY_WAIT } from '../domain/delivery.ts';
import type { FailedOutcome } from '../domain/feedback.ts';
import type { Change, TimelineEntry } from '../domain/journal.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Called, Level } from '../domain/path.ts';
import { quietUntil } from '../domain/quiet.ts';
import { lookAgainAt } from '../domain/responders.ts';
import { type DeliverParts, queueDeliveries } from './deliver.ts';

export interface HandOver {
  readonly change: Change;
  readonly occasion: string;
  readonly customerId: string;
  /** Why a person is needed, as a label of `domain/words.ts`. */
  readonly why: string;
  /** Labels that choose the skills: language, tier, priority. */
  readonly facts: JsonObject;
  /** Who has it already: they are told, nobody new is chosen. */
  readonly assigneeId: string | null;
  readonly tellCustomer: boolean;
  /** Of what the ticket asks of our people; messages of a round say alike what became of it. */
  readonly round?: number;
}
export interface HandedOver {
  readonly agentId: string | null;
  readonly deliveries: readonly Delivery[];
}

export interface TellOfSla {
  readonly change: Change;
  readonly occasion: string;
  readonly template: 'sla-warned' | 'sla-breached';
  readonly assigneeId: string | null;
  /** `metric`, `deadline`, `derivation`: words for the message. */
  readonly facts: Readonly<Record<string, string>>;
  /** When Slack itself is what failed. */
  readonly channel?: 'mail';
}

export interface TellOfUndelivered {
  readonly change: Change;
  readonly occasion: string;
  /** The mail that failed. */
  readonly deliveryId: string;
  readonly outcome: FailedOutcome;
  readonly assigneeId: string | null;
  /** When Slack itself is what failed. */
  readonly channel?: 'mail';
}

export interface TellOfStranger {
  readonly change: Change;
  readonly occasion: string;
  readonly otherTicketId: string;
  readonly assigneeId: string | null;
  readonly channel?: 'mail';
}

export interface CallPeople {
  readonly change: Change;
  readonly occasion: string;
  readonly level: Pick<Level, 'call' | 'hours' | 'nobody'> & Partial<Pick<Level, 'waitMs'>>;
  readonly assigneeId: string | null;
  /** Epoch ms: who is there then. */
  readonly at: number;
  /** `path`, `level`, `number`, `since`: words for the message. */
  readonly facts: Readonly<Record<string, string | number>>;
  /** When Slack itself is what failed. */
  readonly channel?: 'mail';
}
export interface QueuePage {
  readonly change: Change;
  readonly occasion: string;
  readonly facts: NonNullable<DeliveryRequest['facts']>;
}

export function escalateActivities(deps: DeliverParts & Pick<Deps, 'tickets' | 'transports' | 'responders'>) {
  return {
    /** Chooses who takes the ticket and queues what they, and the customer, are told. */
    async handOver(input: HandOver): Promise<HandedOver> {
      const { change, occasion } = input;
      // Whoever has it is told by the address that the team's file gives; one who is not there (any more) can't be.
      const holder = input.assigneeId !== null && deps.directory.agent(input.assigneeId) ? input.assigneeId : null;
      const { agentId, relaxed } =
        holder === null ? await deps.tickets.assign(askedBy(deps, input)) : { agentId: holder, relaxed: [] };
      const told = agentId === null ? deps.directory.admins : [agentId];
      const requests = told.map((id) =>
        toStaff(deps, change.ticketId, occasion, id, 'escalation', {
          why: input.why,
          ...(input.round === undefined ? {} : { round: input.round }),
        }),
      );
      const customer: DeliveryRequest = {
        ticketId: change.ticketId,
        occasion,
        recipient: { kind: 'customer', id: input.customerId },
        channel: 'mail',
        template: 'handed-over',
      };
      const deliveries = await queueDeliveries(
        deps,
        {
          ...change,
          row: { ...change.row, assigneeId: agentId },
          entries: withFact(change, factsOf(agentId, relaxed)),
        },
        input.tellCustomer ? [...requests, customer] : requests,
      );
      return { agentId, deliveries };
    },

    /** Queues word to the admins that a step is parked; `channel: 'mail'` when Slack itself is what failed. */
    async tellAdmins(input: {
      change: Change;
      occasion: string;
      facts: Record<string, string | number>;
      channel?: 'mail';
    }): Promise<readonly Delivery[]> {
      const { change, occasion } = input;
      const requests = (await unlessReached(deps, input, deps.directory.admins)).map((id) =>
        toStaff(deps, change.ticketId, occasion, id, 'parked', input.facts, input.channel),
      );
      return queueDeliveries(deps, change, requests);
    },

    /** Queues a call to whoever of the level is there; who that is, or when somebody will be, or is to be looked for again. */
    async callPeople(input: CallPeople): Promise<Called & { readonly deliveries: readonly Delivery[] }> {
      const { change, occasion, level, assigneeId, at } = input;
      if (input.channel) {
        // Who is there may be others by now: this is for those who were to hear of it then.
        const requests = (await unlessReached(deps, input, [])).map((id) =>
          toStaff(deps, change.ticketId, occasion, id, 'call', input.facts, input.channel),
        );
        const deliveries = await queueDeliveries(deps, change, requests);
        return { called: requests.map(({ recipient }) => recipient.id), opensAt: null, deliveries };
      }
      const found = await deps.responders.of(level, assigneeId, at);
      const isAdmins = found.called.length === 0 && level.nobody === 'admins';
      const called = (isAdmins ? deps.directory.admins : found.called).filter((id) => deps.directory.agent(id));
      const opensAt = called.length > 0 ? null : found.opensAt;
      const again = lookAgainAt(level, { called, opensAt }, at);
      const requests = called.map((id) => toStaff(deps, change.ticketId, occasion, id, 'call', input.facts));
      const moment = (name: 'opensAt' | 'again', ms: number | null) =>
        ms === null ? {} : { [name]: new Date(ms).toISOString() };
      const facts = { called, ...moment('opensAt', opensAt), ...moment('again', again) };
      const deliveries = await queueDeliveries(deps, { ...change, entries: withFact(change, facts) }, requests);
      return { called, opensAt: opensAt ?? again, deliveries };
    },

    /** Queues an event for PagerDuty. */
    async queuePage({ change, occasion, facts }: QueuePage): Promise<readonly Delivery[]> {
      const recipient = { kind: 'team' as const, id: 'pagerduty' };
      const request = {
        ticketId: change.ticketId,
        occasion,
        recipient,
        channel: 'pagerduty' as const,
        template: 'page' as const,
        facts,
      };
      return queueDeliveries(deps, change, [request]);
    },

    /** Queues word of a deadline: to whoever has the ticket, and to the admins when it went by or nobody has it. */
    async tellOfSla(input: TellOfSla): Promise<readonly Delivery[]> {
      const { change, occasion, template, assigneeId } = input;
      const holder = assigneeId !== null && deps.directory.agent(assigneeId) ? [assigneeId] : [];
      const told = template === 'sla-warned' && holder.length > 0 ? holder : [...holder, ...deps.directory.admins];
      const requests = (await unlessReached(deps, input, [...new Set(told)])).map((id) =>
        toStaff(deps, change.ticketId, occasion, id, template, input.facts, input.channel),
      );
      return queueDeliveries(deps, change, requests);
    },

    /** Queues what follows when a mail failed: the same by Slack to one of us, else word to whoever has the ticket, or to the admins. */
    async tellOfUndelivered(input: TellOfUndelivered): Promise<readonly Delivery[]> {
      const { change, occasion, channel, outcome } = input;
      const failed = await deps.deliveries.get(input.deliveryId);
      const { recipient, template } = failed;
      const { id, kind } = recipient;
      const facts = { outcome, template, to: kind, ...(kind === 'customer' ? {} : { agentId: id }) };
      const entries = channel ? change.entries : withFact(change, facts);
      const requests = undelivered(deps, failed, input).map(({ to, again }) => {
        if (again) return toStaff(deps, change.ticketId, occasion, to, template, failed.facts ?? {});
        return toStaff(deps, change.ticketId, occasion, to, 'undelivered', facts, channel);
      });
      return queueDeliveries(deps, { ...change, entries }, requests);
    },

    /** Queues word that somebody else answered our mail: to whoever has the ticket, or to the admins. */
    async tellOfStranger(input: TellOfStranger): Promise<readonly Delivery[]> {
      const { change, occasion, channel, otherTicketId } = input;
      const requests = (await unlessReached(deps, input, holders(deps, input))).map((id) =>
        toStaff(deps, change.ticketId, occasion, id, 'other-sender', { otherTicketId }, channel),
      );
      return queueDeliveries(deps, change, requests);
    },
  };
}

/** Once more, by another channel, it goes to those of the first time whom it has not reached. */
async function unlessReached(
  { deliveries, directory }: Pick<Deps, 'deliveries' | 'directory'>,
  { change, occasion, channel }: Pick<CallPeople, 'change' | 'occasion' | 'channel'>,
  told: readonly string[],
): Promise<readonly string[]> {
  if (!channel) return told;
  const unreached = await deliveries.unreached(change.ticketId, occasion);
  return unreached.filter((id) => directory.agent(id));
}

function askedBy({ directory }: Pick<Deps, 'directory'>, { change, occasion, facts, why }: HandOver): AssignmentAsked {
  const { priority } = change.row;
  return { ticketId: change.ticketId, occasion, demand: directory.demandOf({ ...facts, why }), priority };
}

function factsOf(agentId: string | null, relaxed: readonly Relaxed[]): JsonObject {
  return { agentId, ...(relaxed.length > 0 ? { relaxed: relaxed.map((one) => ({ ...one })) } : {}) };
}

/** Who has the ticket; nobody: the admins. */
function holders({ directory }: Pick<Deps, 'directory'>, { assigneeId }: { readonly assigneeId: string | null }) {
  return assigneeId !== null && directory.agent(assigneeId) ? [assigneeId] : directory.admins;
}

/** Who hears of a mail that failed; `again`: gets the same by another channel. */
function undelivered(
  { directory, transports }: Pick<Deps, 'directory' | 'transports'>,
  { recipient, template }: Delivery,
  told: Pick<TellOfUndelivered, 'assigneeId'>,
): readonly { readonly to: string; readonly again?: true }[] {
  if (recipient.kind === 'customer' || recipient.kind === 'contact') {
    return holders({ directory }, told).map((to) => ({ to }));
  }
  // What a flow told them has words that lie with its step alone.
  if (template !== 'notify' && transports.slack === 'slack' && directory.agent(recipient.id)?.slack != null) {
    return [{ to: recipient.id, again: true }];
  }
  // Else two admins without a mailbox would tell each other for ever.
  if (template === 'undelivered') return [];
  return directory.admins.filter((id) => id !== recipient.id).map((to) => ({ to }));
}

/**
 * By `channel`; unless told, Slack where it is configured and the person has an account there, else mail. What may wait does so until the
 * recipient's quiet hours end, and comes as one summary when it is too much, urgent or not; a file in the outbox wakes nobody.
 */
function toStaff(
  deps: Pick<Deps, 'directory' | 'transports' | 'templates'>,
  ticketId: string,
  occasion: string,
  id: string,
  template: DeliveryRequest['template'],
  facts: NonNullable<DeliveryRequest['facts']>,
  channel?: 'mail',
): DeliveryRequest {
  const to = deps.directory.agent(id);
  const onSlack = deps.transports.slack === 'slack' && to?.slack != null;
  const by = channel ?? (onSlack ? 'slack' : 'mail');
  const isOutbox = deps.transports[by] === 'outbox';
  const mayWait = MAY_WAIT.includes(template) && !isOutbox;
  const isQuiet = to?.quiet && mayWait && !deps.templates.isUrgent(template);
  const until = to?.quiet && isQuiet ? quietUntil(Date.now(), to.quiet) : null;
  const { notBefore: _, ...said } = facts;
  return {
    ticketId,
    occasion,
    recipient: { kind: 'agent', id },
    channel: by,
    template,
    facts: until === null ? said : { ...said, notBefore: new Date(until).toISOString() },
    // What follows a summary that failed is that summary, whoever carries it.
    ...(mayWait || (channel && MAY_WAIT.includes(template)) ? { storm: deps.directory.storm } : {}),
  };
}

/** The change's own entry, with what was found out on the way. */
function withFact(change: Change, facts: JsonObject): TimelineEntry[] {
  const last = change.entries.length - 1;
  return change.entries.map((entry, i) => (i === last ? { ...entry, facts: { ...entry.facts, ...facts } } : entry));
}
