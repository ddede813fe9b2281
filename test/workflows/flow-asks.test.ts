/** A flow without a ticket asks people: it waits for them, goes on by what they decide, and lets them be when it needs no answer any more. */
import { describe, expect, it, test, vi } from 'vitest';
import { runOn } from '../cli/support.ts';
import { retrying, testFile } from '../support/files.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { call } from '../support/stand-ins/slack-calls.ts';
import { useSteward } from '../support/steward.ts';
import { alone, fixed, flowFiles, ran, runHandle, runId } from './flow-run-support.ts';
import { asking } from './human-task-support.ts';
import { PATIENCE } from './support.ts';

vi.setConfig({ testTimeout: 90_000 });

const ask = (more: object = {}, state: object = {}) => ({
  Type: 'Task',
  Resource: 'module:askPeople',
  Parameters: { question: 'Send it anew?', audience: ['ana', 'ben', 'clara'], form: ['approve', 'refuse'], ...more },
  ...state,
});
/** Goes on by what was decided. */
const branching = (more: object) => ({
  StartAt: 'Ask',
  States: {
    Ask: ask(more, { ResultPath: '$.asked', Next: 'Way' }),
    Way: {
      Type: 'Choice',
      Choices: [{ Variable: '$.asked.decision', StringEquals: 'approve', Next: 'Send' }],
      Default: 'Leave',
    },
    Send: fixed('sent'),
    Leave: fixed('left'),
  },
});
const wait = { Type: 'Task', Resource: 'module:waitForSignal.waitForTaskToken' };
const FLOWS = flowFiles({
  asks: branching({}),
  named: alone('Ask', { ...ask({ audience: ['ana'] }), Resource: 'module:humanTask' }),
  runs: alone('Run', {
    Type: 'Task',
    Resource: 'module:runFlow',
    Parameters: { StateMachineArn: 'named', 'Name.$': '$.name' },
    OutputPath: '$.Output.decision',
  }),
  shortly: branching({ dueSeconds: 1, otherwise: 'approve' }),
  inVain: branching({ dueSeconds: 1 }),
  two: branching({ quorum: 2, dueSeconds: 3_600, requester: 'clara' }),
  nobody: {
    StartAt: 'Ask',
    States: {
      Ask: ask({ audience: ['zoe'] }, { Catch: [{ ErrorEquals: ['InvalidRequest'], Next: 'Caught' }], End: true }),
      Caught: { Type: 'Pass', End: true },
    },
  },
  hurried: { ...alone('Ask', ask()), TimeoutSeconds: 2 },
  both: alone('Both', { Type: 'Parallel', Branches: ['One', 'Other'].map((name) => alone(name, ask())) }),
  // What the one asks nobody needs any more when the other fails.
  fails: alone('Both', { Type: 'Parallel', Branches: [alone('Ask', ask()), alone('Wait', wait)] }),
  again: alone('Both', {
    Type: 'Parallel',
    Branches: [alone('Ask', ask()), alone('Wait', wait)],
    Retry: retrying(1),
  }),
  items: alone('Each', {
    Type: 'Map',
    ItemsPath: '$.items',
    MaxConcurrency: 40,
    ItemProcessor: {
      StartAt: 'Which',
      States: {
        Which: { Type: 'Choice', Choices: [{ Variable: '$', NumericEquals: 7, Next: 'Ask' }], Default: 'Nap' },
        Nap: { Type: 'Wait', Seconds: 0, End: true },
        Ask: ask({}, { OutputPath: '$.decision', End: true }),
      },
    },
  }),
});
const TEAM = testFile('team.yaml', {
  agents: [
    { id: 'ana', name: 'Ana', slack: 'U0ANA00001', capacity: 10, onDuty: true },
    { id: 'ben', name: 'Ben', email: 'ben@support.example', capacity: 10, onDuty: true },
    { id: 'clara', name: 'Clara', email: 'clara@support.example', capacity: 10, onDuty: true },
  ],
  admins: ['ana'],
});
const providers = useProviders();
const steward = useSteward({
  settings: () => ({ ...providers.settings('slack', 'slackCalls'), STEWARD_FLOW: FLOWS, STEWARD_TEAM: TEAM }),
});
const { decide, isOver, listens, logged, messages, refused, tasks } = asking(steward);
const flows = () => steward.steward.flows;

const rowsOf = (id: string) =>
  steward.owner
    .selectFrom('human_tasks')
    .selectAll()
    .where('workflow_id', '=', `flow-${id}`)
    .orderBy('asked_at')
    .orderBy('occasion')
    .execute();

async function begun(flow: string, input: unknown = {}): Promise<string> {
  const id = runId();
  await flows().start(id, { flow, input: input as never });
  return id;
}
/** A run of this flow, and the tasks that it asks. */
async function asked(flow: string, count = 1) {
  const id = await begun(flow);
  return { id, taskIds: await askedBy(id, count) };
}
async function askedBy(id: string, count = 1): Promise<string[]> {
  const rows = await vi.waitFor(async () => {
    const found = await rowsOf(id);
    expect(found).toHaveLength(count);
    return found;
  }, PATIENCE);
  const open = rows.filter(({ ending }) => ending === null).map((row) => row.id);
  for (const taskId of open) await listens(taskId);
  return open;
}
async function askedOne(flow: string) {
  const { id, taskIds } = await asked(flow);
  return { id, taskId: taskIds[0] ?? '' };
}
const cardOf = (taskId: string) =>
  outcome(() => {
    const found = providers.slack.messages.find(({ blocks }) => JSON.stringify(blocks ?? []).includes(`|${taskId}|`));
    if (!found) throw new Error('not there yet');
    return found;
  });
const api = (path: string, body?: object) =>
  steward.app.request(path, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${steward.apiKey}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
const by = { kind: 'person', id: 'login/test' } as const;
const cli = (...args: string[]) =>
  runOn({ tasks: async () => ({ tasks: tasks(), by, shown: async () => null }) }, 'task', ...args);

describe('a run goes on by what is decided', () => {
  it('by a program, and says meanwhile whom it waits for', async () => {
    const { id, taskId } = await askedOne('asks');
    expect(await flows().describe(id)).toMatchObject({
      at: 'Ask#1',
      waitingFor: `people, who decide task ${taskId}`,
    });
    expect(await (await api(`/v1/tasks/${taskId}`)).json()).toMatchObject({
      ...{ ticketId: null, runId: id, occasion: 'Ask#1', question: 'Send it anew?', ending: null },
      askedBy: `workflow/flow-${id}`,
    });
    const decided = await api(`/v1/tasks/${taskId}/decide`, { by: 'ben', act: 'approve' });
    expect(decided.status).toBe(200);
    expect(await flows().end(id)).toEqual({ status: 'succeeded', output: 'sent' });
    expect((await logged(taskId)).map(({ action, actor_kind, actor_id }) => [action, actor_kind, actor_id])).toEqual([
      ['humanTask.asked', 'workflow', `flow-${id}`],
      ['humanTask.said', 'person', 'ben'],
      ['humanTask.ended', 'workflow', `task-${taskId}`],
    ]);
  });

  it('by the command line', async () => {
    const { id, taskId } = await askedOne('asks');
    expect((await cli('show', taskId)).out).toContain(`Task ${taskId}: Send it anew? (run ${id})`);
    expect((await cli('decide', taskId, '--by', 'clara', '--act', 'refuse')).exit).toBe(0);
    expect(await flows().end(id)).toEqual({ status: 'succeeded', output: 'left' });
  });

  it('by a click in Slack, whose message names the run and says then who decided', async () => {
    const { id, taskId } = await askedOne('asks');
    const card = await cardOf(taskId);
    expect(JSON.stringify(card.blocks)).toContain(`Run\\n${id}`);
    expect(JSON.stringify(card.blocks)).toContain(`workflows/flow-${id}`);
    await call(steward.app, {
      type: 'block_actions',
      user: { id: 'U0ANA00001' },
      response_url: providers.slack.answerUrl(),
      actions: [
        {
          action_id: 'task_approve',
          block_id: `steward-task|${taskId}`,
          value: `steward-task|${taskId}|approve`,
        },
      ],
    });
    expect(await flows().end(id)).toEqual({ status: 'succeeded', output: 'sent' });
    await isOver(taskId);
    expect(JSON.stringify(card.blocks)).toMatch(/decided: approve, by Ana, /);
  });

  it('by the link of a mail', async () => {
    const { id, taskId } = await askedOne('asks');
    await outcome(async () =>
      expect((await messages(taskId)).map(({ agent_id, channel, status }) => [agent_id, channel, status])).toEqual([
        ['ana', 'slack', 'sent'],
        ['ben', 'mail', 'sent'],
        ['clara', 'mail', 'sent'],
      ]),
    );
    const link = new URL(steward.composed.deps.links.task({ taskId, agentId: 'ben' })).pathname;
    expect(await (await steward.app.request(link)).text()).toContain(`<dd>${id}</dd>`);
    const posted = await steward.app.request(link, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'act=refuse',
    });
    expect(posted.status).toBe(303);
    expect(await flows().end(id)).toEqual({ status: 'succeeded', output: 'left' });
  });

  it('of two who have to agree, none of whom has asked', async () => {
    const { id, taskId } = await askedOne('two');
    await refused(decide(taskId, 'clara'), /whose request it is/);
    expect(await decide(taskId, 'ana')).toMatchObject({ ending: null });
    await decide(taskId, 'ben');
    expect(await flows().end(id)).toEqual({ status: 'succeeded', output: 'sent' });
    await isOver(taskId);
    // Whose request it was hears what became of it.
    const ended = (await messages(taskId)).filter(({ occasion }) => occasion === 'ended');
    expect(ended).toMatchObject([{ agent_id: 'clara', status: 'sent' }]);
  });

  it('when nobody decides in time, by what counts instead', async () => {
    expect(await ran(steward, 'shortly')).toEqual({ status: 'succeeded', output: 'sent' });
    expect(await ran(steward, 'inVain')).toEqual({ status: 'succeeded', output: 'left' });
  });

  it('when it is withdrawn, by no decision', async () => {
    const { id, taskId } = await askedOne('asks');
    await tasks().withdraw(taskId, 'login/test');
    expect(await flows().end(id)).toEqual({ status: 'succeeded', output: 'left' });
  });
});

test('what is decided while no worker is there counts, and is asked once', async () => {
  const { id, taskId } = await askedOne('asks');
  let said: Promise<unknown> | undefined;
  await steward.restartWorkers(async () => {
    said = decide(taskId, 'clara').catch(() => undefined);
  });
  await said;
  await outcome(() => decide(taskId, 'clara'));
  expect(await flows().end(id)).toEqual({ status: 'succeeded', output: 'sent' });
  expect(await rowsOf(id)).toMatchObject([{ id: taskId, ending: 'decided' }]);
});

test('a task whose workflow was lost is decided all the same', async () => {
  const { id, taskId } = await askedOne('asks');
  await steward.temporal.client.workflow.getHandle(`task-${taskId}`).terminate('lost');
  // Who is told that it does not listen yet says it again.
  await outcome(() => decide(taskId, 'ben'));
  expect(await flows().end(id)).toEqual({ status: 'succeeded', output: 'sent' });
});

test('a run that is cancelled withdraws all that it asks, and the messages say so', async () => {
  const { id, taskIds } = await asked('both', 2);
  const cards = await Promise.all(taskIds.map(cardOf));
  await runHandle(steward, id).cancel();
  expect(await flows().end(id)).toMatchObject({ status: 'failed' });
  for (const taskId of taskIds) {
    expect(await isOver(taskId)).toMatchObject({ ending: 'withdrawn' });
    expect((await logged(taskId)).at(-1)?.after).toMatchObject({ by: `flow-${id}` });
    await refused(decide(taskId, 'ben'), /withdrawn: it need not be decided any more/);
  }
  for (const { blocks } of cards) expect(JSON.stringify(blocks)).toContain('withdrawn');
});

test('what nobody needs any more is withdrawn: a branch whose neighbour failed, a flow whose time is over', async () => {
  const { id, taskIds } = await asked('fails');
  const [{ token } = { token: '' }] = await flows().tasks(`flow-${id}`);
  await flows().answer('failTask', { token, error: 'Broken' });
  expect(await flows().end(id)).toMatchObject({ status: 'failed', error: 'Broken' });
  expect(await isOver(taskIds[0] ?? '')).toMatchObject({ ending: 'withdrawn' });

  const hurried = await askedOne('hurried');
  expect(await flows().end(hurried.id)).toMatchObject({ status: 'failed', error: 'States.Timeout' });
  expect(await isOver(hurried.taskId)).toMatchObject({ ending: 'withdrawn' });
});

test('a branch that is tried again asks anew what was withdrawn for its sake', async () => {
  const { id, taskIds } = await asked('again');
  const [{ token } = { token: '' }] = await flows().tasks(`flow-${id}`);
  await flows().answer('failTask', { token });
  const [second = ''] = await askedBy(id, 2);
  expect((await rowsOf(id)).map((row) => [row.id, row.ending])).toEqual([
    [taskIds[0], 'withdrawn'],
    [second, null],
  ]);
  await decide(second, 'ben');
  const again = await vi.waitFor(async () => {
    const [task] = await flows().tasks(`flow-${id}`);
    expect(task).toBeDefined();
    return task?.token ?? '';
  }, PATIENCE);
  await flows().answer('completeTask', { token: again, output: 'answered' });
  expect(await flows().end(id)).toMatchObject({
    status: 'succeeded',
    output: [{ taskId: second, decision: 'approve' }, 'answered'],
  });
});

test('an item of a batch asks by the batch’s workflow', async () => {
  const id = await begun('items', { items: Array.from({ length: 201 }, (_, i) => i) });
  const row = await vi.waitFor(async () => {
    const found = await steward.owner
      .selectFrom('human_tasks')
      .selectAll()
      .where('workflow_id', 'like', 'flow-items-%')
      .executeTakeFirst();
    expect(found).toBeDefined();
    return found;
  }, PATIENCE);
  await listens(row?.id ?? '');
  await decide(row?.id ?? '', 'ana', 'refuse');
  const end = await flows().end(id);
  expect((end as unknown as { output: unknown[] }).output[7]).toBe('refuse');
});

test('by further names of the modules: a run of another flow, which asks', async () => {
  const name = runId();
  const id = await begun('runs', { name });
  const [taskId = ''] = await askedBy(name);
  await decide(taskId, 'ana', 'refuse');
  expect(await flows().end(id)).toEqual({ status: 'succeeded', output: 'refuse' });
});

test('whom nobody knows is an error that the flow may catch, and nobody is asked', async () => {
  const id = await begun('nobody');
  expect(await flows().end(id)).toMatchObject({ status: 'succeeded', output: { Error: 'InvalidRequest' } });
  expect(await rowsOf(id)).toEqual([]);
});

test('an end that is none of its tasks moves nothing, and a wrong one is counted', async () => {
  const { id, taskId } = await askedOne('asks');
  const end = { taskId: 'other', occasion: 'Ask#1', ending: 'decided', act: 'approve', by: ['ben'] };
  await runHandle(steward, id).signal('taskEnded', { ...end, at: new Date().toISOString() });
  await runHandle(steward, id).signal('taskEnded', { ...end, taskId, ending: 'perhaps' });
  await vi.waitFor(async () => expect(await flows().describe(id)).toMatchObject({ refused: 1 }), PATIENCE);
  await decide(taskId, 'ana', 'refuse');
  expect(await flows().end(id)).toEqual({ status: 'succeeded', output: 'left' });
});
