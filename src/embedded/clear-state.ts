import { access, readdir, rm, rmdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { endLeftOver } from './server-process.ts';

/** What Steward keeps in its state directory. Anything else there is somebody else's. */
const OURS = [
  /^postgres(\.new|\.password)?$/,
  /^(postgres|temporal)-server\.(log|pid)$/,
  /^temporal\.(version|db(-wal|-shm|-journal)?)$/,
  /^outbox$/,
  /^link\.secret$/,
  /^audit-heads\.jsonl$/,
  /^steward\.pid(\.drop)?$/,
];

export interface StateContent {
  readonly ours: readonly string[];
  readonly others: readonly string[];
}

/** Both empty when the directory is not there. */
export async function lookIntoState(stateDir: string): Promise<StateContent> {
  const there = await access(stateDir).then(
    () => true,
    () => false,
  );
  const names = there ? (await readdir(stateDir)).sort() : [];
  const isOurs = (name: string) => OURS.some((pattern) => pattern.test(name));
  return { ours: names.filter(isOurs), others: names.filter((name) => !isOurs(name)) };
}

/** Ends servers that a killed start left behind, then removes what is ours, and the directory when nothing else is in it. */
export async function clearState(stateDir: string): Promise<StateContent> {
  const dir = resolve(stateDir);
  await endLeftOver({ dir, name: 'postgres-server', stopSignal: 'SIGINT' });
  await endLeftOver({ dir, name: 'temporal-server', stopSignal: 'SIGTERM' });
  const content = await lookIntoState(dir);
  for (const name of content.ours) await rm(join(dir, name), { recursive: true, force: true });
  if (content.others.length === 0) await rmdir(dir).catch(() => {});
  return content;
}
