import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';

/** With little room, so that tickets wait in line for whoever has some again. */
const TEAM = {
  agents: [
    { id: 'ana', name: 'Ana', email: 'ana@support.example', capacity: 3, onDuty: true },
    { id: 'ben', name: 'Ben', email: 'ben@support.example', slack: 'U0BEN00001', capacity: 3, onDuty: true },
  ],
  // Few are too many, so that summaries are on their way while something is broken.
  storm: { messages: 4, within: '8 s' },
  admins: [{ id: 'operations', name: 'Operations', email: 'operations@support.example', slack: 'C0OPERATE1' }],
};

/** Promises of seconds, so that most of them come due while something is broken. */
const SLA = {
  policies: [
    {
      name: 'urgent',
      when: { priority: 'HIGH' },
      firstResponse: '3 s',
      nextResponse: '4 s',
      resolution: '10 s',
      pausedIn: ['waitingForCustomer'],
      warnAt: '50%',
    },
    {
      name: 'standard',
      firstResponse: '5 s',
      nextResponse: '5 s',
      resolution: '20 s',
      pausedIn: ['waitingForCustomer'],
      warnAt: '75%',
    },
  ],
};

const level = (call: string, more: object = {}) => ({ call: [call], wait: '2 s', ...more });
/** Of the one an acknowledgement holds to the end, of the other it runs out. */
const ESCALATION = {
  paths: [
    {
      name: 'urgent',
      when: { priority: 'HIGH' },
      first: '2 s',
      lease: '60 min',
      levels: [level('assignee', { repeat: 1 }), level('admins')],
      pagerDuty: 'critical',
    },
    { name: 'standard', first: '3 s', lease: '4 s', levels: [level('assignee'), level('admins')], pagerDuty: 'error' },
  ],
};

export const WINDOW_MS = 10_000;
/** Failures within the window. */
export const OPEN_AFTER = 8;
/** What fails now and then is met by every call; only who is away as a whole is left alone. */
const HEALING = {
  circuit: { window: `${WINDOW_MS / 1_000} s`, openAfter: OPEN_AFTER, share: '50 %' },
  probe: { firstPause: '1 s', longestPause: '2 s', closeAfter: 2 },
  againPerSecond: 10,
};

export interface Rules {
  readonly team: string;
  readonly sla: string;
  readonly escalation: string;
  readonly healing: string;
}

/** Files with what the run is played by. */
export async function writeRules(dir: string): Promise<Rules> {
  const rules = { team: TEAM, sla: SLA, escalation: ESCALATION, healing: HEALING };
  const written = Object.entries(rules).map(async ([name, value]) => {
    const file = join(dir, `${name}.yaml`);
    await writeFile(file, stringify(value));
    return [name, file] as const;
  });
  return Object.fromEntries(await Promise.all(written)) as unknown as Rules;
}
