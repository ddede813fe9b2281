import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { flowWorkflowId } from '../../../src/contract-flow.ts';
import { outcome } from '../../support/outcome.ts';
import type { Providers } from '../../support/providers.ts';
import { alone } from '../../workflows/flow-run-support.ts';
import { CUSTOMER, EMAIL, mark, TAG } from './person.ts';
import type { Scene } from './scene.ts';

/* What flows do for the person beside their tickets. */

const FLOWS = {
  sleeps: alone('Sleep', { Type: 'Wait', Seconds: 86_400 }),
  passes: alone('Pass', { Type: 'Pass' }),
  tells: {
    StartAt: 'Tell',
    States: {
      Tell: {
        Type: 'Task',
        Resource: 'module:notify',
        Parameters: { to: 'customer', subject: 'A parcel comes later', 'text.$': '$.words' },
        ResultPath: null,
        Next: 'Start',
      },
      Start: {
        Type: 'Task',
        Resource: 'arn:aws:states:::states:startExecution.sync:2',
        Parameters: { StateMachineArn: 'passes', Input: { 'words.$': '$.child' } },
        Next: 'Wait',
      },
      Wait: { Type: 'Task', Resource: 'module:waitForSignal.waitForTaskToken', End: true },
    },
  },
};

/** Beside this flow of tickets. */
export function withFlows(file: string): string {
  for (const [name, flow] of Object.entries(FLOWS)) {
    writeFileSync(join(dirname(file), `${name}.asl.json`), JSON.stringify(flow));
  }
  return file;
}

/** Before anybody knows them: one that waits for long, by address and by id. */
export async function beforeKnown({ steward }: Scene): Promise<void> {
  const { flows } = steward;
  await flows.start(`early-${TAG}`, { flow: 'sleeps', input: { customerEmail: EMAIL, words: mark('early') } });
  await flows.start(`early-id-${TAG}`, { flow: 'sleeps', input: { detail: { customerId: CUSTOMER } } });
  for (const id of [`early-${TAG}`, `early-id-${TAG}`]) {
    await outcome(async () => expect(await flows.describe(id)).toMatchObject({ at: 'Sleep#1' }));
  }
}

/** They are told something, another flow gets what it is about, and somebody outside answers by a token. */
export async function byFlows({ steward, owner }: Scene, { aws }: Providers): Promise<void> {
  const { flows } = steward;
  const id = `tells-${TAG}`;
  await flows.start(id, { flow: 'tells', input: { customerId: CUSTOMER, words: mark('told'), child: mark('child') } });
  const [task] = await outcome(async () => {
    const tasks = await flows.tasks(flowWorkflowId(id));
    expect(tasks).toHaveLength(1);
    return tasks;
  });
  await flows.answer('completeTask', { token: task?.token ?? '', output: { words: mark('token') } });
  expect(await flows.end(id)).toMatchObject({ status: 'succeeded', output: { words: mark('token') } });
  expect(aws.mails.some(({ parsed }) => parsed.text?.includes(mark('told')))).toBe(true);
  const known = owner.selectFrom('data_keys').select('name').where('subject_id', '=', CUSTOMER);
  const names = (await known.where('name', 'like', 'flow-%').execute()).map(({ name }) => name);
  // The child's id is random.
  expect(names).toHaveLength(4);
}
