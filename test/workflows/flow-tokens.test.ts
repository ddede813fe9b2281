import { sql } from 'kysely';
import { describe, expect, it, test, vi } from 'vitest';
import { readToken } from '../../src/flow/token.ts';
import { runOn } from '../cli/support.ts';
import { retrying } from '../support/files.ts';
import { smallTeam } from '../support/flow.ts';
import { envelope, useSteward } from '../support/steward.ts';
import { alone, flowFiles, runHandle, runId } from './flow-run-support.ts';
import { entry, handleOf, PATIENCE } from './support.ts';

vi.setConfig({ testTimeout: 60_000 });

const wait = (more: object = {}) => ({ Type: 'Task', Resource: 'module:waitForSignal.waitForTaskToken', ...more });
const catching = (state: object) => ({
  StartAt: 'Wait',
  States: {
    Wait: { ...state, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }], End: true },
    Caught: { Type: 'Pass', End: true },
  },
});
const FLOWS = flowFiles({
  plain: alone('Wait', wait()),
  caught: catching(wait()),
  hurried: catching(wait({ TimeoutSeconds: 1 })),
  beating: catching(wait({ HeartbeatSeconds: 3 })),
  again: alone('Wait', wait({ TimeoutSeconds: 2, Retry: retrying(5) })),
  anew: alone('Both', { Type: 'Parallel', Branches: [alone('Wait', wait())], Retry: retrying(2) }),
  each: alone('Each', { Type: 'Map', ItemsPath: '$.items', ItemProcessor: alone('Wait', wait()) }),
  child: alone('Wait', wait()),
  handed: alone('Start', {
    Type: 'Task',
    Resource: 'arn:aws:states:::states:startExecution.waitForTaskToken',
    Parameters: { StateMachineArn: 'keeper', Input: { 'token.$': '$$.Task.Token' } },
  }),
  keeper: alone('Keep', { Type: 'Pass' }),
  tickets: {
    StartAt: 'Wait',
    States: {
      Wait: wait({ ResultPath: '$.answer', Next: 'Way' }),
      Way: {
        Type: 'Choice',
        Choices: [{ Variable: '$.answer.go', StringEquals: 'on', Next: 'Welcome' }],
        Default: 'Escalate',
      },
      Welcome: { Type: 'Task', Resource: 'module:sendWelcomeEmail', Retry: retrying(3), End: true },
      Escalate: { Type: 'Task', Resource: 'module:escalateToAgent', Retry: retrying(3), End: true },
    },
  },
});
const steward = useSteward({ settings: () => ({ STEWARD_FLOW: FLOWS, STEWARD_TEAM: smallTeam() }) });
const flows = () => steward.steward.flows;

async function tokensOf(workflowId: string, count = 1): Promise<string[]> {
  return vi.waitFor(async () => {
    const tasks = await flows().tasks(workflowId);
    expect(tasks).toHaveLength(count);
    return tasks.map(({ token }) => token);
  }, PATIENCE);
}

async function waiting(flow: string, input: object = {}): Promise<{ id: string; token: string }> {
  const id = runId();
  await flows().start(id, { flow, input: input as never });
  const [token = ''] = await tokensOf(`flow-${id}`);
  return { id, token };
}

function post(act: string, body: object, apiKey = steward.apiKey) {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  return steward.app.request(`/v1/flow-tasks/${act}`, { method: 'POST', headers, body: JSON.stringify(body) });
}

describe('whoever has the token', () => {
  it('completes the Task, by HTTP', async () => {
    const { id, token } = await waiting('plain');
    expect((await post('complete', { token, output: { carrier: 'told' } })).status).toBe(200);
    expect(await flows().end(id)).toEqual({ status: 'succeeded', output: { carrier: 'told' } });
    expect((await post('complete', { token })).status).toBe(409);
    const said = steward.owner.selectFrom('audit_entries').select(['actor_kind', 'action', 'why', 'after']);
    const entries = await said.where('object', '=', `workflow/flow-${id}`).orderBy('id').execute();
    const ours = entries.filter(({ action }) => action.startsWith('flowTask.'));
    expect(ours.map(({ action, why }) => [action, why])).toEqual([
      ['flowTask.answerAsked', null],
      ['flowTask.answered', 'taken'],
      ['flowTask.answerAsked', null],
      ['flowTask.answered', 'TaskOver'],
    ]);
    expect(new Set(ours.map(({ actor_kind }) => actor_kind))).toEqual(new Set(['key']));
    expect(ours[0]?.after).toEqual({ saying: 'completeTask' });
  });

  it('makes up a token, and leaves nothing of it in the log', async () => {
    const { id, token } = await waiting('plain');
    const [workflowId, ...rest] = JSON.parse(Buffer.from(token, 'base64url').toString()) as string[];
    expect(workflowId).toBe(`flow-${id}`);
    const forged = JSON.stringify(['flow-Jane.Doe-4915112345678', ...rest]);
    const answer = await post('complete', { token: Buffer.from(forged).toString('base64url') });
    expect(answer.status).toBe(409);
    const made = steward.owner.selectFrom('audit_entries').select('id').where('object', 'like', '%Jane.Doe%');
    expect(await made.execute()).toEqual([]);
    await runHandle(steward, id).terminate();
  });

  it('is not heard where it can’t be logged who answers', async () => {
    const { id, token } = await waiting('plain');
    await sql`alter table audit_entries add constraint nothing check (action not like 'flowTask.%') not valid`.execute(
      steward.owner,
    );
    try {
      expect((await post('complete', { token })).status).toBeGreaterThanOrEqual(500);
    } finally {
      await sql`alter table audit_entries drop constraint nothing`.execute(steward.owner);
    }
    expect(await tokensOf(`flow-${id}`)).toEqual([token]);
    await runHandle(steward, id).terminate();
  });

  it('fails it, by the command line', async () => {
    const { id, token } = await waiting('caught');
    const parts = { flows: async () => flows() };
    expect((await runOn(parts, 'flow', 'task', 'list', `flow-${id}`)).out).toContain(token);
    const said = await runOn(parts, 'flow', 'task', 'fail', token, '--error', 'Lost', '--cause', 'no parcel');
    expect(said).toMatchObject({ exit: 0 });
    expect(await flows().end(id)).toMatchObject({ output: { Error: 'Lost', Cause: 'no parcel' } });
    const late = await runOn(parts, 'flow', 'task', 'complete', token);
    expect(late).toMatchObject({ exit: 1, err: expect.stringContaining('has ended') });
  });

  it('answers by signal, and what does not count shows', async () => {
    const { id, token } = await waiting('plain');
    await runHandle(steward, id).signal('completeTask', { token: `${token}x` });
    await runHandle(steward, id).signal('completeTask', 'nonsense');
    await vi.waitFor(async () => expect(await flows().describe(id)).toMatchObject({ refused: 2 }), PATIENCE);
    await runHandle(steward, id).signal('completeTask', { token, output: 7 });
    expect(await flows().end(id)).toEqual({ status: 'succeeded', output: 7 });
  });

  it('may be another flow that was started with it, and be quicker than its start', async () => {
    for (let round = 0; round < 5; round++) {
      const { id, token } = await waiting('handed');
      await flows().answer('completeTask', { token, output: 'by the keeper' });
      expect(await flows().end(id)).toMatchObject({ output: 'by the keeper' });
    }
  });
});

describe('a token that does not count is told apart', () => {
  const parts = (token: string) => JSON.parse(Buffer.from(token, 'base64url').toString()) as [string, string, string];
  const sealed = (said: unknown) => Buffer.from(JSON.stringify(said)).toString('base64url');

  it('a forged one, whatever is forged of it', async () => {
    const { id, token } = await waiting('plain');
    const [workflow, place, mac] = parts(token);
    const other = await waiting('plain');
    const forged = [
      'nonsense',
      sealed([workflow, `${place}0`, mac]),
      sealed([workflow, place, `A${mac.slice(1)}`]),
      sealed([workflow, place, '']),
      sealed(['flow-mira@customer.example', place, mac]),
      sealed(['erasure-1', place, mac]),
      // Right, but for another run.
      sealed([workflow, ...parts(other.token).slice(1)]),
    ].filter((one) => one !== token);
    for (const one of forged) {
      await expect(flows().answer('completeTask', { token: one })).rejects.toMatchObject({ code: 'InvalidToken' });
    }
    expect(await flows().tasks(`flow-${id}`)).toHaveLength(1);
    const keys = steward.owner.selectFrom('data_keys').select('name').where('name', 'like', '%@%');
    expect(await keys.execute()).toEqual([]);
    await runHandle(steward, id).terminate();
    await runHandle(steward, other.id).terminate();
  });

  it('one of an attempt that is over', async () => {
    const { id, token } = await waiting('again');
    const [next = ''] = await vi.waitFor(async () => {
      const tokens = await tokensOf(`flow-${id}`);
      expect(tokens[0]).not.toBe(token);
      return tokens;
    }, PATIENCE);
    await expect(flows().answer('completeTask', { token })).rejects.toMatchObject({ code: 'TaskOver' });
    await flows().answer('completeTask', { token: next, output: 1 });
    expect(await flows().end(id)).toMatchObject({ output: 1 });
  });

  it('of two answers at once one counts', async () => {
    const { id, token } = await waiting('plain');
    const said = await Promise.allSettled([1, 2].map((output) => flows().answer('completeTask', { token, output })));
    expect(said.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const at = said.findIndex(({ status }) => status === 'fulfilled');
    expect(await flows().end(id)).toMatchObject({ output: at + 1 });
  });

  it('who has no right, and what is no answer', async () => {
    const { id, token } = await waiting('plain');
    expect((await post('complete', { token }, 'nobody')).status).toBe(401);
    const wrong = await post('fail', { token, error: 'lost by Mira' });
    expect(wrong.status).toBe(422);
    expect(await wrong.json()).toMatchObject({ problems: [{ field: 'error' }] });
    expect((await post('complete', { token, result: 1 })).status).toBe(422);
    await runHandle(steward, id).terminate();
  });
});

describe('the time of a Task that waits', () => {
  it('is over when TimeoutSeconds are', async () => {
    const id = runId();
    // Its second may be over before anybody sees the token.
    await flows().start(id, { flow: 'hurried', input: {} });
    expect(await flows().end(id)).toMatchObject({ output: { Error: 'States.Timeout' } });
  });

  it('goes on with each heartbeat, and is over when one is missing', async () => {
    const { id, token } = await waiting('beating');
    const since = Date.now();
    let beat = since;
    const beatLong = async () => {
      expect((await post('heartbeat', { token })).status).toBe(200);
      beat = Date.now();
      expect(beat - since).toBeGreaterThan(3_200);
    };
    await vi.waitFor(beatLong, PATIENCE);
    expect(await flows().end(id)).toMatchObject({ output: { Error: 'States.Timeout' } });
    expect(Date.now() - beat).toBeGreaterThan(2_900);
  });
});

test('each item of a Map waits by a token of its own', async () => {
  const id = runId();
  await flows().start(id, { flow: 'each', input: { items: [1, 2, 3] } });
  const tokens = await tokensOf(`flow-${id}`, 3);
  for (const [i, token] of [...tokens.entries()].reverse()) await flows().answer('completeTask', { token, output: i });
  expect(await flows().end(id)).toEqual({ status: 'succeeded', output: [0, 1, 2] });
});

test('what begins anew waits by another token, and the one before is good no more', async () => {
  const { id, token } = await waiting('anew');
  await flows().answer('failTask', { token, error: 'Lost' });
  const [second = ''] = await vi.waitFor(async () => {
    const tokens = await tokensOf(`flow-${id}`);
    expect(tokens).not.toEqual([token]);
    return tokens;
  }, PATIENCE);
  await expect(flows().answer('completeTask', { token })).rejects.toMatchObject({ code: 'TaskOver' });
  // A time in it would be another one in a replay.
  expect([token, second].map((one) => readToken(one)?.place)).toEqual(['Both#1[0]/Wait#1.1@1', 'Both#1[0]/Wait#1.1@2']);
  await flows().answer('completeTask', { token: second, output: 2 });
  expect(await flows().end(id)).toEqual({ status: 'succeeded', output: [2] });
});

test('a run that waits is cancelled where it is asked to', async () => {
  const { id, token } = await waiting('plain');
  await runHandle(steward, id).cancel();
  expect(await flows().end(id)).toMatchObject({ error: 'Cancelled' });
  await expect(flows().answer('completeTask', { token })).rejects.toMatchObject({ code: 'TaskOver' });
});

test('a ticket’s flow waits so too, and what is forged stands on its timeline', async () => {
  const event = envelope();
  const { ticketId } = event.detail;
  await steward.post(event);
  const [token = ''] = await tokensOf(`ticket-${ticketId}`);
  await handleOf(steward, ticketId).signal('completeTask', { token: 'forged' });
  await flows().answer('completeTask', { token, output: { go: 'on' } });
  await entry(steward, ticketId, 'welcomed');
  // It goes out with the next write.
  const noted = await entry(steward, ticketId, 'ignored');
  expect(noted?.facts).toMatchObject({ event: 'completeTask', why: expect.stringContaining('token: nobody') });
});
