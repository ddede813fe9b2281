/**
 * A worker and a gateway in one process, for the test that kills an erasure at each of its steps. `plan`: a JSON file with
 * `{"<workflow id>": {"nth": 3, "when": "before"}}`; an activity that is named there is held at that point for good. Writes `held <workflow id>`
 * for each, and `did <workflow id> <activity>` for every activity that ended.
 */
import { readFile } from 'node:fs/promises';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { Worker } from '@temporalio/worker';
import { runBothHalves } from './both-halves.ts';

interface Hold {
  readonly nth: number;
  readonly when: 'before' | 'after';
}

const [, , , planPath = ''] = process.argv;
const plan = JSON.parse(await readFile(planPath, 'utf8')) as Record<string, Hold>;
const seen = new Map<string, string[]>();

/** Which activity of its workflow it is; a repeat is the same. */
function nthOf(workflowId: string, activityId: string): number {
  const ids = seen.get(workflowId) ?? [];
  if (!ids.includes(activityId)) ids.push(activityId);
  seen.set(workflowId, ids);
  return ids.indexOf(activityId) + 1;
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
          const nth = nthOf(id, info.activityId);
          const hold = async (when: Hold['when']) => {
            const held = plan[id];
            if (held?.nth !== nth || held.when !== when) return;
            process.stdout.write(`held ${id} ${when} ${info.activityType}\n`);
            // Alive, as far as the server sees.
            const alive = setInterval(() => context.heartbeat('held'), 1_000);
            // A repeat of an attempt that took too long is held in its place.
            await context.cancelled.finally(() => clearInterval(alive));
          };
          const inbound: ActivityInboundCallsInterceptor = {
            async execute(input, next) {
              await hold('before');
              const result = await next(input);
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
  // A second look in a second's time; the policy's file counts in days.
  Object.assign(composed.deps.erasure.policy.erasure, { lookAgainDays: 1 / 86_400 });
});
