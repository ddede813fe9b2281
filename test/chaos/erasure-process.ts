/**
 * A worker and a gateway in one process, for the test that kills an erasure at each of its steps. `plan`: a JSON file with
 * `{"<workflow id>": {"nth": 3, "when": "before"}}`, which counts the workflow's activities, or with `"step": "lookAgain"` those of one type. An
 * activity that is named there is held at that point for good. Writes `held <workflow id> <when> <activity>` for each, and for every activity
 * that ended `did <workflow id> <activity>` or `failed <workflow id> <activity>: <message>`. Under a request's id it counts calls about that
 * request within activities: `{"<request id>": {"call": "endKept", "nth": 1, "when": "after"}}`, written as `held <request id> after endKept`.
 * A third argument is JSON of what is taken instead of the policy's `erasure`.
 */
import { readFile } from 'node:fs/promises';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { Worker } from '@temporalio/worker';
import { runBothHalves } from './both-halves.ts';

interface Hold {
  readonly step?: string;
  /** A call of the erasure's store, or `append` of its ledger. */
  readonly call?: string;
  readonly nth: number;
  readonly when: 'before' | 'after';
}

const [, , , planPath = '', hurry = '{}'] = process.argv;
const plan = JSON.parse(await readFile(planPath, 'utf8')) as Record<string, Hold>;
const seen = new Map<string, string[]>();

/** Which of these it is; a repeat is the same. */
function nthOf(among: string, activityId: string): number {
  const ids = seen.get(among) ?? [];
  if (!ids.includes(activityId)) ids.push(activityId);
  seen.set(among, ids);
  return ids.indexOf(activityId) + 1;
}

/** What failed is done again, which counts in its place: how often that is depends on how busy the machine is. */
function forget(among: string, activityId: string): void {
  seen.set(
    among,
    (seen.get(among) ?? []).filter((id) => id !== activityId),
  );
}

/** Its calls about a request that the plan names are counted, and held. */
function holdCalls<T extends object>(parts: T, requestIdOf: (first: unknown) => unknown): void {
  const counts = new Map<string, number>();
  for (const [call, act] of Object.entries(parts) as [string, unknown][]) {
    if (typeof act !== 'function') continue;
    const held = async (...args: unknown[]): Promise<unknown> => {
      const id = String(requestIdOf(args[0]));
      const planned = plan[id];
      if (planned?.call !== call) return act(...args);
      const nth = (counts.get(id) ?? 0) + 1;
      counts.set(id, nth);
      if (nth !== planned.nth) return act(...args);
      const done = planned.when === 'after' ? await act(...args) : undefined;
      process.stdout.write(`held ${id} ${planned.when} ${call}\n`);
      await new Promise<never>(() => {});
      return done;
    };
    Object.assign(parts, { [call]: held });
  }
}

const create = Worker.create.bind(Worker);

Worker.create = (options) =>
  create({
    ...options,
    interceptors: {
      activity: [
        (context) => {
          const { info } = context;
          const id = info.workflowExecution?.workflowId ?? '';
          const ofAll = nthOf(id, info.activityId);
          const ofThisType = `${id} ${info.activityType}`;
          const ofType = nthOf(ofThisType, info.activityId);
          const hold = async (when: Hold['when']) => {
            const held = plan[id];
            if (held?.when !== when || (held.step ?? info.activityType) !== info.activityType) return;
            if (held.nth !== (held.step === undefined ? ofAll : ofType)) return;
            process.stdout.write(`held ${id} ${when} ${info.activityType}\n`);
            // Alive, as far as the server sees.
            const alive = setInterval(() => context.heartbeat('held'), 1_000);
            // A repeat of an attempt that took too long is held in its place.
            await context.cancelled.finally(() => clearInterval(alive));
          };
          const inbound: ActivityInboundCallsInterceptor = {
            async execute(input, next) {
              await hold('before');
              const result = await next(input).catch((error: unknown) => {
                forget(id, info.activityId);
                forget(ofThisType, info.activityId);
                process.stdout.write(`failed ${id} ${info.activityType}: ${error}\n`);
                throw error;
              });
              await hold('after');
              process.stdout.write(`did ${id} ${info.activityType}\n`);
              return result;
            },
          };
          return { inbound };
        },
      ],
    },
  });

await runBothHalves(({ composed }) => {
  const { policy, store, ledger } = composed.deps.erasure;
  // A second look in a second's time; the policy's file counts in days.
  Object.assign(policy.erasure, { lookAgainDays: 1 / 86_400, ...JSON.parse(hurry) });
  holdCalls(store, (id) => id);
  holdCalls(ledger, (entry) => (entry as { requestId?: string } | undefined)?.requestId);
});
