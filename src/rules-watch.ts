import { setTimeout as sleep } from 'node:timers/promises';
import { changedRules, type LiveRules, type Rules } from './compose-rules.ts';
import { StewardError } from './domain/errors.ts';
import { sayRefusedFiles } from './domain/notice.ts';
import type { Log } from './log.ts';

export interface RulesWatch {
  readonly live: LiveRules;
  /** @throws StewardError InvalidPolicy */
  readonly read: () => Promise<Rules>;
  /** Before they come into force. What it throws leaves the old ones in force, and it is tried again. */
  readonly save: (next: Rules, changed: readonly string[]) => Promise<void>;
  /** Files that are wrong, at each look at them; missing: somebody else tells the admins. */
  readonly refused?: (reason: string) => Promise<void>;
  readonly log: Pick<Log, 'info' | 'error'>;
  readonly everyMs: number;
}

/**
 * Takes over what is changed in the files. Read anew rather than watched for: a mounted file of Kubernetes is swapped by a link, and days off
 * come from further files. Rules that are wrong, or that can't be saved, leave the old ones in force; the log says why, once.
 */
export function watchRules({ live, read, save, refused, log, everyMs }: RulesWatch): { stop(): Promise<void> } {
  const stopping = new AbortController();
  let said = '';
  async function look(): Promise<void> {
    try {
      const next = await read();
      const changed = changedRules(live.now, next);
      if (changed.length > 0) {
        await save(next, changed);
        live.replace(next);
        log.info({ changed, versions: next.versions }, 'policies have changed, and are in force');
      } else if (said !== '') {
        log.info({ versions: next.versions }, 'the policies are as they are in force again');
      }
      said = '';
      live.isRefused = false;
    } catch (error) {
      if (error instanceof StewardError && error.code === 'InvalidPolicy') await refuse(error);
      const reason = error instanceof Error ? error.message : String(error);
      if (reason === said) return;
      said = reason;
      const problems = error instanceof StewardError ? { problems: error.problems } : {};
      log.error({ reason, ...problems }, 'policies have changed and are not taken over; the old ones stay in force');
    }
  }
  async function refuse({ problems = [] }: StewardError): Promise<void> {
    live.isRefused = true;
    // The log has it in any case; whoever can't be told now is told at the next look.
    await refused?.(sayRefusedFiles(problems)).catch(() => {});
  }
  async function run(): Promise<void> {
    for (;;) {
      await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return;
      await look();
    }
  }
  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
