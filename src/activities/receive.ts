import { ticketWorkflowId } from '../contract.ts';
import type { Deps, HeldEvent } from '../deps.ts';
import type { FlowName } from '../deps-flows.ts';
import { StewardError, sayProblems } from '../domain/errors.ts';
import type { TimelineEntry } from '../domain/journal.ts';
import type { PathRules } from '../domain/path.ts';
import { crmDeadline, type PinnedFlow, type PlannedSource, type Timings } from '../domain/plan.ts';
import { beginSla, type Sla } from '../domain/sla.ts';
import { clockRows } from '../domain/sla-row.ts';
import { parseEnvelope, whoIn } from '../schema/envelope.ts';
import { gatherOwnFacts, type OwnFacts } from './own-facts.ts';

export interface ReceiveInput {
  /** As it came: validated here, whoever started the workflow. */
  readonly envelope: unknown;
  readonly workflowId: string;
  /** The first run's id, so that a repeat of this step is told from another workflow. */
  readonly runId: string;
  readonly at: string;
  /** Said by the workflow, of its own code: its worker's activities may be another version's. */
  readonly changes?: number | undefined;
}

export type Received =
  | { readonly outcome: 'known'; readonly ticketId: string }
  /** Its customer is being erased: to be asked again. */
  | { readonly outcome: 'frozen'; readonly ticketId: string }
  | {
      readonly outcome: 'new';
      readonly ticketId: string;
      readonly customerId: string;
      readonly flow: PinnedFlow;
      readonly sources: readonly PlannedSource[];
      readonly timings: Timings;
      readonly held: readonly HeldEvent[];
      /** The clock as it starts; null: no SLA is configured. */
      readonly sla?: Sla | null;
      /** How many of `CHANGES` the workflow knew when it began; missing in tickets from before it said so. */
      readonly changes?: number | undefined;
      /** This worker can analyse the customer's further messages. */
      readonly rereads?: boolean;
      /** This worker can give its messages to our people buttons, and make them say what became of it. */
      readonly asks?: boolean;
      /** Null: nobody is called. */
      readonly escalation?: PathRules | null;
      /** What our own sources know, gathered with the receipt: a step of its own would cost 2 ms more. */
      readonly own: OwnFacts;
    };

export function receiveActivities(deps: Pick<Deps, 'tickets' | 'plans' | 'local' | 'flows'>) {
  return {
    /** Validates the envelope and takes the ticket's id, once. @throws InvalidTicket, TicketConflict */
    async receiveTicket(input: ReceiveInput): Promise<Received> {
      const parsed = parseEnvelope(input.envelope);
      // Its words stay in the history, which must be found when its customer is erased.
      const refused = () =>
        deps.tickets.nameSubject(input.workflowId, whoIn(input.envelope), { waitsForErasure: false, isChild: false });
      if ('problems' in parsed) {
        await refused();
        throw new StewardError('InvalidTicket', sayProblems(parsed.problems), { problems: parsed.problems });
      }
      const { envelope } = parsed;
      const { ticketId } = envelope.detail;
      const expected = ticketWorkflowId(ticketId);
      if (input.workflowId !== expected) {
        const problem = {
          field: 'detail.ticketId',
          message: `is "${ticketId}", so the workflow id must be "${expected}", not "${input.workflowId}"`,
        };
        await refused();
        throw new StewardError('InvalidTicket', sayProblems([problem]), { problems: [problem] });
      }
      const { flow: read, sources, timings, sla: rules, escalation } = deps.plans;
      const entry: TimelineEntry = {
        seq: 1,
        at: input.at,
        kind: 'received',
        actor: 'customer',
        facts: { source: envelope.source, channel: envelope.detail.channel ?? null, flow: read.name },
      };
      const begun = rules ? beginSla(rules, entry) : null;
      const clocks = begun ? clockRows(begun.changed, begun.sla.rules) : [];
      const claimed = await deps.tickets.claim(envelope, {
        runId: input.runId,
        flow: read,
        change: { ticketId, row: NEW_ROW, entries: [entry], clocks },
      });
      if (claimed.outcome !== 'new') return { outcome: claimed.outcome, ticketId };
      const { customerId } = claimed;
      const { subject, message, sentimentScore = null, customerTier = null } = envelope.detail;
      const words = envelope.detail.mail?.newWords ?? message;
      const text = { subject, message: words, platformScore: sentimentScore, customerId, envelopeTier: customerTier };
      const [flow, held, own] = await Promise.all([
        chosen(deps, claimed.flow),
        deps.tickets.held(ticketId),
        gatherOwnFacts(deps, ticketId, text, crmDeadline(sources)),
      ]);
      return {
        outcome: 'new',
        ticketId,
        customerId,
        flow,
        sources,
        timings,
        held,
        own,
        sla: begun?.sla ?? null,
        escalation,
        changes: input.changes,
        rereads: true,
        asks: true,
      };
    },
  };
}

/** What the claim has chosen. A worker from before there were versions kept none of what it had chosen. */
async function chosen({ flows, plans }: Pick<Deps, 'flows' | 'plans'>, flow: FlowName): Promise<PinnedFlow> {
  if (flow.version === plans.flow.version && flow.name === plans.flow.name) return plans.flow;
  return (await flows.find(flow)) ?? plans.flow;
}

const NEW_ROW = {
  state: 'new',
  route: 'none',
  priority: null,
  tier: null,
  assigneeId: null,
  episode: 1,
  needsAttention: false,
} as const;
