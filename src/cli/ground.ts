/** What the commands stand on: settings, the database, Temporal. Each is opened when a command first asks for it. */

import type { StewardClient } from '../client.ts';
import type { ErasureDesk } from '../compose-erasure-desk.ts';
import type { Operator } from '../compose-operator.ts';
import type { TemplateDesk } from '../compose-preview.ts';
import type { ReadRuns } from '../compose-privacy.ts';
import type { FlowClient } from '../deps-flow.ts';
import { StewardError } from '../domain/errors.ts';
import type { RunWords } from '../domain/person-export.ts';
import type { Steward, TaskGround } from './context.ts';

export interface Ground {
  readonly operator: () => Promise<Operator>;
  readonly migrate: () => Promise<readonly string[]>;
  readonly steward: () => Promise<Steward>;
  readonly erasures: () => Promise<ErasureDesk>;
  readonly templates: () => Promise<TemplateDesk>;
  readonly tasks: () => Promise<TaskGround>;
  readonly flows: () => Promise<FlowClient>;
  readonly runWords: () => Promise<ReadRuns>;
  /** Closes what was opened. */
  readonly close: () => Promise<void>;
}

/** Long enough for a worker that has to replay the ticket; an operator looks at it meanwhile. */
const ANSWER_MS = 10_000;

export function createGround(): Ground {
  const closes: (() => Promise<void>)[] = [];
  const read = once(async () => (await import('../config.ts')).readConfig());
  const settings = once(async () => {
    const { config, secrets } = await read();
    const { findAddresses } = await import('../addresses.ts');
    return { config, secrets, ...(await findAddresses(config, secrets)) };
  });
  const operator = once(async () => {
    const { config, secrets, databaseUrl } = await settings();
    const { composeOperator } = await import('../compose-operator.ts');
    const operator = await composeOperator(config, databaseUrl, secrets);
    closes.push(operator.close);
    return operator;
  });
  const temporal = once(async () => {
    const { config, secrets, temporalAddress } = await settings();
    const [{ dialTemporal }, { createStewardClient }] = await Promise.all([
      import('../temporal/dial.ts'),
      import('../client.ts'),
    ]);
    const { namespace, tls } = config.temporal;
    const at = { address: temporalAddress, namespace, apiKey: secrets.temporalApiKey, tls };
    const dialled = await dialTemporal(at, await (await operator()).dataConverter());
    closes.push(dialled.close);
    return {
      client: createStewardClient(dialled.client, { taskQueue: config.taskQueue }),
      histories: dialled.client,
      within: dialled.within,
      workflowService: dialled.client.workflowService,
    };
  });
  return {
    operator,
    migrate: async () => {
      const { databaseUrl } = await settings();
      const { migrateDatabase } = await import('../compose-operator.ts');
      return migrateDatabase(databaseUrl);
    },
    steward: once(async () => {
      const { client, within } = await temporal();
      return bounded(client, within);
    }),
    erasures: once(async () => {
      const { config, secrets, databaseUrl } = await settings();
      const { findLinkSecret } = await import('../addresses.ts');
      const { composeErasureDesk } = await import('../compose-erasure-desk.ts');
      const { client, within, workflowService } = await temporal();
      const desk = await composeErasureDesk({
        config,
        databaseUrl,
        linkSecret: await findLinkSecret(config, secrets),
        officerKey: secrets.officerKey,
        client: boundedErasures(client, within),
        workflowService,
      });
      closes.push(desk.close);
      return desk;
    }),
    // A look on example data needs no database.
    templates: once(async () => {
      const [{ config }, { composePreviews }] = await Promise.all([read(), import('../compose-preview.ts')]);
      return composePreviews(config, async () => (await settings()).databaseUrl);
    }),
    tasks: once(async () => {
      const { client, within } = await temporal();
      const inTime = inTimeBy(within);
      const { tasks } = client;
      const bounded: typeof tasks = {
        start: (...said) => inTime(() => tasks.start(...said)),
        decide: (...said) => inTime(() => tasks.decide(...said)),
        delegate: (...said) => inTime(() => tasks.delegate(...said)),
        click: (...said) => inTime(() => tasks.click(...said)),
        withdraw: (...said) => inTime(() => tasks.withdraw(...said)),
        callOff: (...said) => inTime(() => tasks.callOff(...said)),
      };
      return (await operator()).tasks(bounded);
    }),
    flows: once(async () => {
      const { client, within } = await temporal();
      const inTime = inTimeBy(within);
      const { flows } = client;
      const answer = (await operator()).flowAnswers(flows);
      return {
        start: (...said) => inTime(() => flows.start(...said)),
        describe: (...said) => inTime(() => flows.describe(...said)),
        end: flows.end,
        tasks: (...said) => inTime(() => flows.tasks(...said)),
        way: (...said) => inTime(() => flows.way(...said)),
        answer: (...said) => inTime(() => answer(...said)),
      };
    }),
    runWords: once(async () => {
      const { histories, within } = await temporal();
      const { readRunWords } = await import('../temporal/run-words.ts');
      const inTime = inTimeBy(within);
      return async (ids) => {
        const found: RunWords[] = [];
        for (const id of ids) found.push(...(await inTime(() => readRunWords(histories, id))));
        return found;
      };
    }),
    async close() {
      for (const close of closes.splice(0)) await close();
    },
  };
}

type Within = <T>(ms: number, call: () => Promise<T>) => Promise<T>;

/** Every call ends in time. @throws StewardError Unavailable when it has not, or when the server itself refuses */
function inTimeBy(within: Within) {
  return async <T>(call: () => Promise<T>): Promise<T> => {
    try {
      return await within(ANSWER_MS, call);
    } catch (cause) {
      if (cause instanceof StewardError) throw cause;
      const { isAway } = await import('../http/away.ts');
      const answer = isAway(cause)
        ? `No answer within ${ANSWER_MS / 1000} s: Temporal or Steward's worker is away. Is \`npm start\` running?`
        : refusalOf(cause);
      if (answer === undefined) throw cause;
      throw new StewardError('Unavailable', answer, { cause });
    }
  };
}

function bounded(steward: Steward, within: Within): Steward {
  const inTime = inTimeBy(within);
  return {
    submit: (envelope) => inTime(() => steward.submit(envelope)),
    describe: (ticketId) => inTime(() => steward.describe(ticketId)),
    operate: (ticketId, act, args) => inTime(() => steward.operate(ticketId, act, args)),
    operateParked: (batchId) => inTime(() => steward.operateParked(batchId)),
    cancelParked: (batchId) => inTime(() => steward.cancelParked(batchId)),
    claim: (ticketId, args) => inTime(() => steward.claim(ticketId, args)),
    reply: (ticketId, args) => inTime(() => steward.reply(ticketId, args)),
    resolve: (ticketId, args) => inTime(() => steward.resolve(ticketId, args)),
    decide: (ticketId, args, eventId) => inTime(() => steward.decide(ticketId, args, eventId)),
    retain: () => inTime(() => steward.retain()),
    measureMonth: (month, scheduledAt) => inTime(() => steward.measureMonth(month, scheduledAt)),
  };
}

function boundedErasures(client: StewardClient, within: Within): StewardClient {
  const inTime = inTimeBy(within);
  return {
    ...client,
    requestErasure: (requestId) => inTime(() => client.requestErasure(requestId)),
    tellProved: (requestId) => inTime(() => client.tellProved(requestId)),
    describeErasure: (requestId) => inTime(() => client.describeErasure(requestId)),
    withdrawErasure: (requestId) => inTime(() => client.withdrawErasure(requestId)),
    operateErasure: (requestId, act, args) => inTime(() => client.operateErasure(requestId, act, args)),
  };
}

/** What the server itself has against the call, such as a workflow whose code fails at every try. */
function refusalOf(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  if (!(cause instanceof Error && 'details' in cause) || typeof cause.details !== 'string') return undefined;
  return `Temporal refuses: ${cause.details} The ticket's workflow in the Web UI shows more.`;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
