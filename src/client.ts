/**
 * The thin typed client: owns workflow ids and the reuse policy. As a library: `createStewardClient(client)`; run directly it
 * submits a file.
 */
import { existsSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowHandle,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { ApplicationFailure, defineSearchAttributeKey } from '@temporalio/common';
import { createFlowClient } from './client-flow.ts';
import * as contract from './contract.ts';
import * as tasks from './contract-tasks.ts';
import type { FlowClient } from './deps-flow.ts';
import type { TaskClient } from './deps-tasks.ts';
import type { TicketEnvelope } from './domain/envelope.ts';
import { type ErrorCode, StewardError } from './domain/errors.ts';

export interface Submitted {
  readonly ticketId: string;
  readonly workflowId: string;
  /** The ticket had come before; nothing was started. */
  readonly known: boolean;
  /** Of one that had come before: the id of the event that started it, where that is known. */
  readonly eventId?: string;
}

/**
 * Everything one may say to a ticket. Signals (`tell`) are for those who cannot be told the outcome; updates answer with the
 * ticket as it is afterwards.
 * @throws StewardError TicketUnknown (no running workflow), UnlawfulTransition, NotParked, InvalidRequest
 */
export interface StewardClient {
  /** @throws StewardError TicketConflict when another source has the id; Unavailable on a namespace that has just been made ready */
  submit(envelope: TicketEnvelope): Promise<Submitted>;
  tell<K extends keyof Tellings>(ticketId: string, event: K, payload: Tellings[K]): Promise<void>;
  claim(ticketId: string, args: contract.Claim): Promise<contract.TicketView>;
  reply(ticketId: string, args: contract.Reply): Promise<contract.TicketView>;
  resolve(ticketId: string, args: contract.Resolve): Promise<contract.TicketView>;
  /** `eventId`: the same again is taken once. @throws StewardError DecisionDenied: somebody was first, or it is asked no more */
  decide(ticketId: string, args: contract.Decide, eventId: string): Promise<contract.TicketView>;
  rate(ticketId: string, args: contract.Rated): Promise<void>;
  describe(ticketId: string): Promise<contract.TicketView>;
  /** Starts the erasure's workflow, where it does not run. */
  requestErasure(requestId: string): Promise<{ readonly workflowId: string; readonly known: boolean }>;
  /** The proof is in the database. */
  tellProved(requestId: string): Promise<void>;
  /** The person stops it. @throws StewardError UnlawfulTransition, InvalidRequest (it has ended) */
  withdrawErasure(requestId: string): Promise<contract.ErasureView>;
  describeErasure(requestId: string): Promise<contract.ErasureView>;
  operateErasure<K extends keyof ErasureOperations>(
    requestId: string,
    act: K,
    args: ErasureOperations[K],
  ): Promise<contract.ErasureView>;
  /** Starts this month's audit, as if at the time at which the schedule comes to it; one that runs is joined. */
  measureMonth(month: string, scheduledAt: Date): Promise<{ readonly workflowId: string; readonly runId: string }>;
  /** Starts what the nightly run does, and empties the tickets that are due, whatever `retention.daily` says; one that runs is joined. */
  retain(): Promise<{ readonly workflowId: string; readonly runId: string }>;
  /** Starts the work on a batch that is written down. */
  operateParked(batchId: string): Promise<{ readonly workflowId: string }>;
  /** What is under way is done to its end, the rest is left as it is. Of one that has ended: nothing. */
  cancelParked(batchId: string): Promise<void>;
  operate<K extends keyof Operations>(ticketId: string, act: K, args: Operations[K]): Promise<contract.TicketView>;
  /** What people are asked to decide, once it is written down. */
  readonly tasks: TaskClient;
  /** Runs of flows that belong to no ticket. */
  readonly flows: FlowClient;
}

export interface Tellings {
  customerReplied: contract.CustomerReplied;
  agentReplied: contract.AgentReplied;
  claimed: contract.Claimed;
  resolved: contract.Resolved;
  reopened: contract.Reopened;
  rated: contract.Rated;
  deliveryFailed: contract.DeliveryFailed;
  strangerReplied: contract.StrangerReplied;
  clicked: contract.Clicked;
}
export interface Operations {
  retry: contract.ParkedStep;
  fix: contract.Fix;
  skip: contract.Skip;
  abort: contract.ParkedStep;
}

export interface ErasureOperations {
  approve: contract.Officer;
  refuse: contract.Refuse;
  extend: contract.Extend;
  vouch: contract.Officer;
  retry: contract.ErasureStep;
  skip: contract.ErasureStep;
}

export interface ClientOptions {
  readonly taskQueue?: string;
  /** Only where a worker shares this process and its connection: the first workflow task needs no trip over the task queue. */
  readonly eagerStart?: boolean;
}

const STATE = defineSearchAttributeKey('TicketState', 'KEYWORD');
const SCHEDULED_AT = defineSearchAttributeKey(contract.SCHEDULED_AT, 'DATETIME');
const TIER = defineSearchAttributeKey('CustomerTier', 'KEYWORD');

export function createStewardClient(temporal: Client, options: ClientOptions = {}): StewardClient {
  const taskQueue = options.taskQueue ?? contract.TASK_QUEUE;
  const handle = (ticketId: string) => temporal.workflow.getHandle(contract.ticketWorkflowId(ticketId));

  const erasureHandle = (requestId: string) => temporal.workflow.getHandle(contract.erasureWorkflowId(requestId));

  return {
    async submit(envelope) {
      const { ticketId, customerTier } = envelope.detail;
      const workflowId = contract.ticketWorkflowId(ticketId);
      try {
        await temporal.workflow.start(contract.TICKET_WORKFLOW, {
          workflowId,
          taskQueue,
          args: [envelope],
          // The id belongs to the ticket for good: the first step knows it from `tickets`, whatever became of its workflow and whatever
          // retention has forgotten. A failed one may come again: a wrong envelope is mended and sent once more.
          workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
          workflowIdConflictPolicy: 'FAIL',
          requestEagerStart: options.eagerStart ?? false,
          // Whose the id is, for those who ask before the first step has written it down.
          memo: { source: envelope.source, ...(envelope.id === undefined ? {} : { eventId: envelope.id }) },
          staticSummary: `Ticket ${ticketId} from ${envelope.source}`,
          typedSearchAttributes: [
            { key: STATE, value: 'new' },
            ...(customerTier === undefined ? [] : [{ key: TIER, value: customerTier }]),
          ],
        });
        return { ticketId, workflowId, known: false };
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) {
          throw isNotYetMapped(error) ? notYetMapped(error) : error;
        }
        const eventId = await assertSource(handle(ticketId), envelope);
        return { ticketId, workflowId, known: true, ...(eventId === undefined ? {} : { eventId }) };
      }
    },
    tell: (ticketId, event, payload) => known(ticketId, () => handle(ticketId).signal(event, payload)),
    claim: (ticketId, args) => known(ticketId, () => handle(ticketId).executeUpdate(contract.claim, { args: [args] })),
    reply: (ticketId, args) => known(ticketId, () => handle(ticketId).executeUpdate(contract.reply, { args: [args] })),
    resolve: (ticketId, args) =>
      known(ticketId, () => handle(ticketId).executeUpdate(contract.resolve, { args: [args] })),
    decide: (ticketId, args, updateId) =>
      known(ticketId, () => handle(ticketId).executeUpdate(contract.decide, { args: [args], updateId })),
    rate: (ticketId, args) => known(ticketId, () => handle(ticketId).signal(contract.rated, args)),
    describe: (ticketId) => known(ticketId, () => handle(ticketId).query(contract.ticket)),
    async requestErasure(requestId) {
      const workflowId = contract.erasureWorkflowId(requestId);
      try {
        await temporal.workflow.start(contract.ERASURE_WORKFLOW, { ...contract.erasureStart(requestId), taskQueue });
        return { workflowId, known: false };
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        return { workflowId, known: true };
      }
    },
    // A workflow that has ended needs no word of it.
    tellProved: (requestId) =>
      erasureHandle(requestId)
        .signal(contract.proved)
        .catch((error: unknown) => {
          if (!(error instanceof WorkflowNotFoundError)) throw error;
        }),
    withdrawErasure: (requestId) =>
      known(requestId, () => erasureHandle(requestId).executeUpdate(contract.withdrawErasure), 'erasure'),
    describeErasure: (requestId) => known(requestId, () => erasureHandle(requestId).query(contract.erasure), 'erasure'),
    operateErasure: (requestId, act, args) =>
      known(
        requestId,
        () =>
          erasureHandle(requestId).executeUpdate<contract.ErasureView, [ErasureOperations[typeof act]]>(act, {
            args: [args],
          }),
        'erasure',
      ),
    async measureMonth(month, scheduledAt) {
      const workflowId = contract.monthlyAuditWorkflowId(month);
      const { firstExecutionRunId } = await temporal.workflow.start(contract.MONTHLY_AUDIT_WORKFLOW, {
        workflowId,
        taskQueue,
        workflowIdConflictPolicy: 'USE_EXISTING',
        typedSearchAttributes: [{ key: SCHEDULED_AT, value: scheduledAt }],
      });
      return { workflowId, runId: firstExecutionRunId };
    },
    async retain() {
      const workflowId = contract.RETENTION_ASKED_ID;
      const { firstExecutionRunId } = await temporal.workflow.start(contract.RETENTION_WORKFLOW, {
        workflowId,
        taskQueue,
        args: [{ apply: true } satisfies contract.RetentionArgs],
        workflowIdConflictPolicy: 'USE_EXISTING',
        staticSummary: 'Retention, asked for by hand',
      });
      return { workflowId, runId: firstExecutionRunId };
    },
    async operateParked(batchId) {
      const workflowId = contract.parkedBatchWorkflowId(batchId);
      await temporal.workflow.start(contract.PARKED_BATCH_WORKFLOW, {
        workflowId,
        taskQueue,
        args: [{ batchId } satisfies contract.ParkedBatchArgs],
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        staticSummary: `Parked steps, batch ${batchId}`,
      });
      return { workflowId };
    },
    async cancelParked(batchId) {
      const batch = temporal.workflow.getHandle(contract.parkedBatchWorkflowId(batchId));
      await known(batchId, () => batch.cancel(), 'batch');
    },
    operate: (ticketId, act, args) =>
      known(ticketId, () =>
        handle(ticketId).executeUpdate<contract.TicketView, [Operations[typeof act]]>(act, { args: [args] }),
      ),
    tasks: createTaskClient(temporal, taskQueue),
    flows: createFlowClient(temporal, taskQueue),
  };
}

function createTaskClient(temporal: Client, taskQueue: string): TaskClient {
  const handle = (taskId: string) => temporal.workflow.getHandle(tasks.taskWorkflowId(taskId));
  return {
    async start(taskId) {
      await temporal.workflow.start(tasks.HUMAN_TASK_WORKFLOW, {
        ...tasks.taskStart(taskId),
        taskQueue,
      });
    },
    decide: (taskId, args) =>
      known(taskId, () => handle(taskId).executeUpdate(tasks.decideTask, { args: [args] }), 'task'),
    delegate: (taskId, args) =>
      known(taskId, () => handle(taskId).executeUpdate(tasks.delegateTask, { args: [args] }), 'task'),
    click: (taskId, clicked) => known(taskId, () => handle(taskId).signal(tasks.taskClicked, clicked), 'task'),
    withdraw: (taskId, by) => known(taskId, () => handle(taskId).signal(tasks.withdrawTask, { by }), 'task'),
    async callOff(taskId, by) {
      await temporal.workflow.signalWithStart(tasks.HUMAN_TASK_WORKFLOW, {
        ...tasks.taskStart(taskId),
        taskQueue,
        signal: tasks.withdrawTask,
        signalArgs: [{ by }],
      });
    },
  };
}

/**
 * The id of the event that it began with. A workflow that somebody started by hand has no memo that we read, and one that was deleted
 * tells nothing: both count as ours.
 */
async function assertSource(workflow: WorkflowHandle, { source, detail }: TicketEnvelope): Promise<string | undefined> {
  const memo = await workflow.describe().then(
    (described) => described.memo,
    (error: unknown) => {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    },
  );
  const eventId = typeof memo?.eventId === 'string' ? memo.eventId : undefined;
  if (typeof memo?.source !== 'string' || memo.source === source) return eventId;
  throw new StewardError(
    'TicketConflict',
    `ticket id ${detail.ticketId} belongs to another source; give the ticket of "${source}" another id`,
  );
}

/** For some seconds after its search attributes were made, a server may not know them when a workflow starts with them. */
function isNotYetMapped(error: unknown): boolean {
  const said = error instanceof Error && error.cause instanceof Error ? error.cause.message : '';
  return /no mapping defined for search attribute|search attribute \S+ is not defined/i.test(said);
}
function notYetMapped(cause: unknown): StewardError {
  const message = 'Temporal does not know the search attributes of tickets yet; send it again a little later';
  return new StewardError('Unavailable', message, { cause });
}

/** Translates what Temporal says into our own errors. */
async function known<T>(
  id: string,
  call: () => Promise<T>,
  what: 'ticket' | 'erasure' | 'batch' | 'task' = 'ticket',
): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) {
      const code = UNKNOWN[what];
      throw new StewardError(code, `no running workflow for ${what} ${id}`);
    }
    const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
    if (cause instanceof ApplicationFailure && UPDATE_ERRORS.has(cause.type ?? '')) {
      throw new StewardError(cause.type as ErrorCode, cause.message, { cause: error });
    }
    // It listens once its first step is done.
    if (cause instanceof ApplicationFailure && cause.message.startsWith('No registered handler for update')) {
      throw new StewardError('Unavailable', `${what} ${id} does not listen yet; say it again a little later`, {
        cause: error,
      });
    }
    throw error;
  }
}
const UNKNOWN = {
  ticket: 'TicketUnknown',
  task: 'TaskUnknown',
  erasure: 'InvalidRequest',
  batch: 'InvalidRequest',
} as const;
const UPDATE_ERRORS = new Set<string>([
  'UnlawfulTransition',
  'NotParked',
  'InvalidRequest',
  'OwnRequest',
  'DecisionDenied',
] satisfies ErrorCode[]);

/** Run directly: submits the file that is named. What that needs is loaded here, so that the library stays thin. */
async function submitFile(file: string): Promise<void> {
  const { readFileText } = await import('./cli/input.ts');
  const { readEnvelope } = await import('./cli/envelope.ts');
  const envelope = readEnvelope(await readFileText(file), file);
  const { readConfig } = await import('./config.ts');
  const { config, secrets } = readConfig();
  const { findAddresses } = await import('./addresses.ts');
  const { temporalAddress: address, databaseUrl } = await findAddresses(config, secrets);
  const { composeOperator } = await import('./compose-operator.ts');
  const operator = await composeOperator(config, databaseUrl, secrets);
  try {
    const { dialTemporal } = await import('./temporal/dial.ts');
    const { namespace, tls } = config.temporal;
    const at = { address, namespace, apiKey: secrets.temporalApiKey, tls };
    const temporal = await dialTemporal(at, await operator.dataConverter());
    try {
      const submitted = await createStewardClient(temporal.client, { taskQueue: config.taskQueue }).submit(envelope);
      process.stdout.write(`${JSON.stringify(submitted)}\n`);
    } finally {
      await temporal.close();
    }
  } finally {
    await operator.close();
  }
}

const [, script, file = '-'] = process.argv;
// Node knows a module by its real path, and a script by the path that it was given, which may lead over a link.
if (script !== undefined && existsSync(script) && realpathSync(script) === fileURLToPath(import.meta.url)) {
  await submitFile(file).catch((error: unknown) => {
    if (!(error instanceof StewardError)) throw error;
    const problems = error.problems.map((problem) => `  ${problem.field}: ${problem.message}\n`);
    process.stderr.write(`${error.message}\n${problems.join('')}`);
    process.exitCode = 1;
  });
}
