import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyDirectory, retrying } from '../support/files.ts';
import type { TestSteward } from '../support/steward.ts';

/** A directory with these flows, and one for tickets, whose path it answers. */
export function flowFiles(flows: Readonly<Record<string, object>>): string {
  const dir = emptyDirectory();
  const ticket = {
    StartAt: 'Welcome',
    States: { Welcome: { Type: 'Task', Resource: 'module:sendWelcomeEmail', End: true } },
  };
  for (const [name, flow] of Object.entries({ tickets: ticket, ...flows })) {
    writeFileSync(join(dir, `${name}.asl.json`), JSON.stringify(flow));
  }
  return join(dir, 'tickets.asl.json');
}

export const pass = (more: object) => ({ Type: 'Pass', ...more });
export const fixed = (Result: unknown, more: object = { End: true }) => pass({ Result, ...more });
/** A flow of one state. */
export const alone = (name: string, state: object, more: object = {}) => ({
  StartAt: name,
  States: { [name]: { End: true, ...state } },
  ...more,
});

/** Doubles `items`: three of them, the third of which becomes 6, or it fails. */
export const EVERY_STATE = {
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      ItemsPath: '$.items',
      ItemProcessor: alone('Double', {
        Type: 'Pass',
        QueryLanguage: 'JSONata',
        Output: '{% $states.input * 2 %}',
      }),
      ResultPath: '$.doubled',
      Next: 'Both',
    },
    Both: {
      Type: 'Parallel',
      Branches: [alone('Nap', { Type: 'Wait', Seconds: 1 }), alone('One', { Type: 'Pass', Result: 1 })],
      ResultPath: '$.both',
      Next: 'Which',
    },
    Which: {
      Type: 'Choice',
      Choices: [{ Variable: '$.doubled[2]', NumericEquals: 6, Next: 'Good' }],
      Default: 'Bad',
    },
    Good: { Type: 'Pass', Parameters: { 'sum.$': '$.doubled', 'name.$': '$$.Execution.Name' }, End: true },
    Bad: { Type: 'Fail', Error: 'NotDoubled', Cause: 'it went wrong' },
  },
};

let count = 0;
export function runId(): string {
  count += 1;
  return `run-${process.pid}-${Date.now().toString(36)}-${count}`;
}

export function runHandle(steward: TestSteward, id: string) {
  return steward.temporal.client.workflow.getHandle(`flow-${id}`);
}

/** Runs it to its end. */
export async function ran(steward: TestSteward, flow: string, input: unknown = {}) {
  const id = runId();
  await steward.steward.flows.start(id, { flow, input: input as never });
  return steward.steward.flows.end(id);
}

/** Whose the runs' keys are; null: nobody's; undefined: there is no key. */
export async function subjectsOf(steward: TestSteward, ids: readonly string[]): Promise<(string | null | undefined)[]> {
  const names = ids.map((id) => `flow-${id}`);
  const keys = steward.owner.selectFrom('data_keys').select(['name', 'subject_id']);
  const rows = await keys.where('name', 'in', names).execute();
  const subjects = new Map(rows.map((row) => [row.name, row.subject_id]));
  return names.map((name) => subjects.get(name));
}

/** Of a ticket's flow: a welcome where `$.ok` says that all came out right, else a person. */
export const RIGHT_OR_PERSON = {
  IsRight: {
    Type: 'Choice',
    Choices: [{ Variable: '$.ok', BooleanEquals: true, Next: 'Welcome' }],
    Default: 'Escalate',
  },
  Welcome: { Type: 'Task', Resource: 'module:sendWelcomeEmail', Retry: retrying(3), End: true },
  Escalate: { Type: 'Task', Resource: 'module:escalateToAgent', Retry: retrying(3), End: true },
};
