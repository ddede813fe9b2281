import { CancellationScope, setHandler } from '@temporalio/workflow';
import * as tasks from '../contract-tasks.ts';
import { StewardError } from '../domain/errors.ts';
import {
  decide,
  givePlace,
  isShown,
  isVoiceLost,
  type Refused,
  refusalOf,
  refusalToDelegate,
} from '../domain/human-task.ts';
import { checkTaskSaying, type TaskSaying } from '../domain/human-task-said.ts';
import { sayRefused } from '../domain/human-task-words.ts';
import { failureOf } from './failure.ts';
import { answeringTask, keepingTask } from './human-task-activities.ts';
import { type Bench, tell, write } from './human-task-bench.ts';
import { toUpdateFailure } from './update-failure.ts';

const SLACK = 'slack';
/** By whoever holds the `temporal` program, and says no other way. */
const BY_TEMPORAL = 'temporal';

/** What one may say to a task. The first who may and says it decides; whoever does not count hears why. */
export function hearTask(bench: Bench): void {
  setHandler(tasks.humanTask, bench.view);
  setHandler(tasks.decideTask, (said) => answered(bench, () => decideAt(bench, said, said.via ?? BY_TEMPORAL)), {
    validator: (said) =>
      counting(bench, 'decide', said, () =>
        hasSaid(bench, said.by, said.act) ? null : refusalAt(bench, said, isKnown(said)),
      ),
    description: 'One of those asked decides',
  });
  setHandler(tasks.delegateTask, (said) => answered(bench, () => delegateAt(bench, said)), {
    validator: (said) => counting(bench, 'delegate', said, () => refusalToDelegateAt(bench, said, isKnown(said))),
    description: 'One of those asked lets somebody else decide in their place',
  });
  setHandler(tasks.taskClicked, (said) =>
    CancellationScope.nonCancellable(async () => {
      // From whoever holds the `temporal` program, or of another version: there is nobody to answer.
      if (checkTaskSaying('clicked', said).length > 0) return;
      const refused = said.by === null ? 'nobody' : await decideAt(bench, { by: said.by, act: said.act }, SLACK);
      if (refused !== null) answer(bench, said, refused);
    }),
  );
  setHandler(tasks.withdrawTask, (said) => {
    if (bench.ending === null && checkTaskSaying('withdraw', said).length === 0) bench.withdrawnBy ??= said.by;
  });
}

/** Null: it counts, and is written. Judged without waiting for anything, so that of two at once one is first. */
async function decideAt(
  bench: Bench,
  { by, act }: Pick<tasks.DecideTask, 'by' | 'act'>,
  via: string,
): Promise<Refused | null> {
  if (hasSaid(bench, by, act)) {
    // Behind the write of what was said then: whoever looks next sees it.
    await write(bench, async () => {});
    return null;
  }
  // Not whether they are shown: the validator has turned that down, and what it let in when there was no such rule stands.
  const refused = refusalAt(bench, { by, act }, true);
  if (refused !== null) return refused;
  const said = { by, act, at: Date.now() };
  bench.task = decide(bench.task, said);
  const { outcome } = bench.task;
  if (outcome !== null) bench.ending = 'decided';
  const { taskId } = bench.opened;
  await write(bench, () => keepingTask.writeDecision({ taskId, said: { ...said, via }, outcome }));
  return null;
}

async function delegateAt(bench: Bench, { by, to, via = BY_TEMPORAL }: tasks.DelegateTask): Promise<Refused | null> {
  const refused = refusalToDelegateAt(bench, { by, to }, true);
  // The validator has turned that down; what it let in when there was no such rule stands, in a history as well.
  if (refused !== null && !isVoiceLost(refused)) return refused;
  bench.task = givePlace(bench.task, by, to);
  const { taskId } = bench.opened;
  await write(bench, async () => {
    for (const message of await keepingTask.writeDelegate({ taskId, by, to, via })) tell(bench, message);
  });
  return null;
}

/** It is said again: its answer was lost, or somebody pressed twice. */
function hasSaid({ task }: Bench, by: string, act: string): boolean {
  return task.said.some((one) => one.by === by && one.act === act);
}

function refusalAt(bench: Bench, { by, act }: Pick<tasks.DecideTask, 'by' | 'act'>, isKnown: boolean): Refused | null {
  return isOver(bench) ? 'late' : refusalOf(bench.task, { by, act, at: Date.now() }, isKnown);
}

function refusalToDelegateAt(
  bench: Bench,
  { by, to }: Pick<tasks.DelegateTask, 'by' | 'to'>,
  isKnown: boolean,
): Refused | null {
  return isOver(bench) ? 'late' : refusalToDelegate(bench.task, by, to, Date.now(), isKnown);
}

function isKnown({ via = BY_TEMPORAL }: Pick<tasks.DecideTask, 'via'>): boolean {
  return isShown(via);
}

function isOver({ ending, withdrawnBy }: Bench): boolean {
  return ending !== null || withdrawnBy !== null;
}

/** Before anything is in the history. */
function counting(bench: Bench, saying: TaskSaying, said: unknown, refusal: () => Refused | null): void {
  const problems = checkTaskSaying(saying, said);
  const words = problems.map(({ field, message }) => `${field}: ${message}`).join('; ');
  if (problems.length > 0) throw toUpdateFailure(new StewardError('InvalidRequest', words, { problems }));
  const refused = refusal();
  if (refused !== null) throw denied(bench, refused);
}

async function answered(bench: Bench, act: () => Promise<Refused | null>): Promise<tasks.HumanTaskView> {
  return CancellationScope.nonCancellable(async () => {
    const refused = await act();
    if (refused !== null) throw denied(bench, refused);
    return bench.view();
  });
}

/** A withdrawal that is about to be written counts already. */
function standOf({ task, ending, withdrawnBy }: Bench) {
  return { ...task, ending: ending ?? (withdrawnBy === null ? null : ('withdrawn' as const)) };
}

function denied(bench: Bench, refused: Refused): unknown {
  const words = sayRefused(refused, bench.opened.taskId, standOf(bench), (id) => id);
  return toUpdateFailure(new StewardError('DecisionDenied', words));
}

/** Only to who clicked. What counts shows at the message. */
function answer(bench: Bench, { user, answerUrl }: tasks.TaskClicked, refused: Refused | 'nobody'): void {
  const { taskId } = bench.opened;
  bench.background += 1;
  void answeringTask()
    .answerTaskClick({ taskId, user, answerUrl: answerUrl ?? null, refused, stand: standOf(bench) })
    // Nobody else can be told that somebody could not be told.
    .catch((error: unknown) => void failureOf(error))
    .finally(() => {
      bench.background -= 1;
    });
}
