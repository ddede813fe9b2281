import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import proto from '@temporalio/proto';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { keyNameOf, ticketWorkflowId } from '../../../src/contract.ts';
import { historyText } from '../../replay/plain.ts';
import type { Cast } from './acting.ts';
import type { Scene } from './scene.ts';

type History = proto.temporal.api.history.v1.IHistory;

/**
 * Tickets whose workflows did not follow their own history, or would not if a worker read it now: each with the place of a file that has it,
 * since the servers of the run are gone after it.
 */
export async function strayed(scene: Scene, cast: Cast): Promise<string[]> {
  quietRuntime();
  const histories = new Map<string, History>();
  for (const ticketId of cast.kinds.keys()) {
    const workflowId = ticketWorkflowId(ticketId);
    histories.set(workflowId, await scene.temporal.workflow.getHandle(workflowId).fetchHistory());
  }
  const found: string[] = [];
  for (const { workflowId, why } of [...failedTasks(histories), ...(await failedReplays(scene, histories))]) {
    found.push(`${workflowId}: ${why}; its history: ${await kept(scene, workflowId, histories.get(workflowId) ?? {})}`);
  }
  return found;
}

interface Strayed {
  readonly workflowId: string;
  readonly why: string;
}

const NON_DETERMINISTIC =
  proto.temporal.api.enums.v1.WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR;

/** One whose keys could not be read meanwhile, PostgreSQL being away, is tried again. */
function failedTasks(histories: ReadonlyMap<string, History>): Strayed[] {
  return [...histories].flatMap(([workflowId, { events }]) => {
    const failed = (events ?? []).flatMap((event) => event.workflowTaskFailedEventAttributes ?? []);
    const isStrayed = failed.some(({ cause }) => cause === NON_DETERMINISTIC);
    return isStrayed ? [{ workflowId, why: 'it did not follow its own history' }] : [];
  });
}

/** Most histories are never read again within a run: of a hundred that can't be followed, a run alone meets one. */
async function failedReplays({ stage, dataConverter }: Scene, histories: ReadonlyMap<string, History>) {
  // With the SDK's own failures, which are not sealed: else all that is told of one is that there was one.
  const { failureConverterPath: _sealed, ...legible } = dataConverter;
  const options = { workflowBundle: { codePath: stage.bundle }, dataConverter: legible };
  const all = [...histories].map(([workflowId, history]) => ({ workflowId, history }));
  const found: Strayed[] = [];
  for await (const { workflowId, error } of Worker.runReplayHistories(options, all)) {
    if (error) found.push({ workflowId, why: `its history can't be followed: ${error.message}` });
  }
  return found;
}

let isQuiet = false;
function quietRuntime(): void {
  if (isQuiet) return;
  isQuiet = true;
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => {}),
    telemetryOptions: { logging: { forward: { level: 'ERROR' } } },
  });
}

let dir: Promise<string> | undefined;

/** Beside it its data key: with both, `test/replay` follows it. Neither is of anybody, all of whom the run made up. */
async function kept({ ring }: Scene, workflowId: string, history: History): Promise<string> {
  dir ??= mkdtemp(join(tmpdir(), 'steward-histories-'));
  const file = join(await dir, `${workflowId}.json`);
  const { id, secret } = await ring.toSeal(keyNameOf(workflowId));
  const key = { [workflowId]: { id, secret: secret.export().toString('base64') } };
  await writeFile(file, historyText(history));
  await writeFile(file.replace(/json$/, 'keys.json'), JSON.stringify(key, null, 2));
  return file;
}
