import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Environment } from './temporal-version.ts';

/** As the environment says, else as the system's list of users does. In a container the user may be in no list. */
export function homeOf(environment: Environment, user: () => { homedir: string } = userInfo): string | undefined {
  if (environment.HOME) return environment.HOME;
  try {
    return user().homedir || undefined;
  } catch {
    return undefined;
  }
}

/** What every checkout of this user shares: `~/.cache/steward`, or below XDG_CACHE_HOME where that is set. */
export function cacheDirOf(environment: Environment, user?: () => { homedir: string }): string | undefined {
  if (environment.XDG_CACHE_HOME) return join(environment.XDG_CACHE_HOME, 'steward');
  const home = homeOf(environment, user);
  return home === undefined ? undefined : join(home, '.cache', 'steward');
}
