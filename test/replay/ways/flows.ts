/** The ways of flows that belong to no ticket. */
import { afterAll, beforeAll, expect, vi } from 'vitest';
import { ticketWorkflowId } from '../../../src/contract.ts';
import { flowWorkflowId } from '../../../src/contract-flow.ts';
import { addCustomer } from '../../erasure/support.ts';
import { retrying, testFile } from '../../support/files.ts';
import { useProviders } from '../../support/providers.ts';
import { json, type StandIn, startStandIn } from '../../support/stand-ins/server.ts';
import { envelope, useSteward } from '../../support/steward.ts';
import { alone, EVERY_STATE, flowFiles, runId } from '../../workflows/flow-run-support.ts';
import { entry, PATIENCE } from '../../workflows/support.ts';
import { type Keep, way } from '../record.ts';

const SLEEPING = alone('Sleep', { Type: 'Wait', Seconds: 3600 });
const call = (mode: string, StateMachineArn: string, Input: object = {}) => ({
  Type: 'Task',
  Resource: `arn:aws:states:::states:startExecution${mode}`,
  Parameters: { StateMachineArn, Input },
});
const CALLING = {
  StartAt: 'Start',
  States: {
    Start: { ...call('.sync:2', 'way', { items: [1, 2, 3] }), Next: 'Both' },
    Both: {
      Type: 'Parallel',
      Branches: [
        alone('Long', call('.sync', 'sleeping')),
        {
          StartAt: 'Short',
          States: { Short: { Type: 'Wait', Seconds: 1, Next: 'No' }, No: { Type: 'Fail', Error: 'Doomed' } },
        },
      ],
      Catch: [{ ErrorEquals: ['Doomed'], Next: 'Nap' }],
      End: true,
    },
    Nap: { Type: 'Wait', Seconds: 1, End: true },
  },
};

const wait = (more: object) => ({ Type: 'Task', Resource: 'module:waitForSignal.waitForTaskToken', ...more });
const WAITING = {
  StartAt: 'First',
  States: {
    First: wait({ HeartbeatSeconds: 600, Next: 'Second' }),
    Second: wait({ Catch: [{ ErrorEquals: ['Lost'], Next: 'End' }], End: true }),
    End: { Type: 'Succeed' },
  },
};
const TICKETS = {
  StartAt: 'Wait',
  States: {
    Wait: wait({ ResultPath: null, Next: 'Welcome' }),
    Welcome: { Type: 'Task', Resource: 'module:sendWelcomeEmail', Retry: retrying(3), End: true },
  },
};

const tell = (Parameters: object, more: object = {}) => ({
  Type: 'Task',
  Resource: 'module:notify',
  Parameters: { subject: 'A parcel comes later', 'text.$': "States.Format('{}', $.text)", ...Parameters },
  Retry: retrying(2),
  ...more,
});
/** Ana has had one message when the next two come: these wait a second each. */
const TELLING = {
  StartAt: 'First',
  States: {
    First: tell({ to: ['ana', 'customer'] }, { ResultPath: '$.first', Next: 'Both' }),
    Both: { Type: 'Parallel', Branches: ['One', 'Other'].map((name) => alone(name, tell({ to: 'ana' }))), End: true },
  },
};

const asking = (url: string) => ({
  StartAt: 'Reserve',
  States: {
    Reserve: {
      Type: 'Task',
      Resource: 'module:http',
      TimeoutSeconds: 60,
      Parameters: { url, method: 'PUT', body: { 'order.$': '$.order' } },
      Retry: retrying(2),
      ResultPath: '$.reserved',
      Next: 'Hand',
    },
    Hand: {
      Type: 'Task',
      Resource: 'module:http.waitForTaskToken',
      Parameters: { url, method: 'POST', body: { 'token.$': '$$.Task.Token' } },
      ResultPath: '$.handed',
      Next: 'Both',
    },
    Both: {
      Type: 'Parallel',
      Branches: ['One', 'Other'].map((name) =>
        alone(name, { Type: 'Task', Resource: 'module:http', Parameters: { url, method: 'POST', body: name } }),
      ),
      Catch: [{ ErrorEquals: ['States.Http.StatusCode.400'], Next: 'Release' }],
      End: true,
    },
    Release: { Type: 'Task', Resource: 'module:http', Parameters: { url, method: 'DELETE' }, End: true },
  },
});

export function flowWays(): void {
  const held: { outside?: StandIn } = {};
  beforeAll(async () => {
    held.outside = await startStandIn({
      action: ({ method }) => method,
      work: () => json(200, { warehouse: 'north' }),
      refuse: (failure) => json(Number(failure), {}),
    });
  });
  afterAll(() => held.outside?.stop());
  const outside = () => held.outside?.url ?? '';
  const steward = useSteward({
    settings: () => ({
      STEWARD_HTTP: testFile('http.yaml', { hosts: [{ host: new URL(outside()).host }] }),
      STEWARD_FLOW: flowFiles({
        way: EVERY_STATE,
        calling: CALLING,
        sleeping: SLEEPING,
        waiting: WAITING,
        asking: asking(outside()),
        tickets: TICKETS,
      }),
    }),
  });

  const providers = useProviders();
  const teller = useSteward({
    settings: () => ({
      ...providers.settings('ses', 'slack'),
      STEWARD_TEAM: testFile('team.yaml', {
        agents: [{ id: 'ana', name: 'Ana', slack: 'U0ANA00001', capacity: 10, onDuty: true }],
        admins: ['ana'],
        storm: { messages: 1, within: '1 s' },
      }),
      STEWARD_FLOW: flowFiles({
        telling: TELLING,
        tickets: {
          StartAt: 'Tell',
          States: {
            Tell: {
              ...tell({ to: ['customer', 'ana'], 'text.$': '$.detail.message' }, { ResultPath: '$.told' }),
              Next: 'Welcome',
            },
            Welcome: { Type: 'Task', Resource: 'module:sendWelcomeEmail', Retry: retrying(3), End: true },
          },
        },
      }),
    }),
  });

  async function gone(flow: string, input: object): Promise<string> {
    const id = runId();
    await steward.steward.flows.start(id, { flow, input: input as never });
    await steward.steward.flows.end(id);
    return flowWorkflowId(id);
  }

  way('flow-ran', 'a flow without a ticket, to its output', async (keep) => {
    await keep(steward, await gone('way', { items: [1, 2, 3] }));
  });
  way('flow-held', 'a flow for somebody who is being erased when it begins', async (keep) => {
    const { id: customerId } = await addCustomer(steward);
    const freeze = (frozen_at: Date | null) =>
      steward.owner.updateTable('customers').set({ frozen_at }).where('id', '=', customerId).execute();
    await freeze(new Date());
    const id = runId();
    const { flows } = steward.steward;
    await flows.start(id, { flow: 'way', input: { items: [1, 2, 3] }, customerId });
    await vi.waitFor(
      async () => expect(await flows.describe(id)).toMatchObject({ waitingFor: 'the erasure of its customer to end' }),
      PATIENCE,
    );
    await freeze(null);
    await flows.end(id);
    await keep(steward, flowWorkflowId(id));
  });
  const waited = async (keep: Keep) => {
    const id = runId();
    const { flows } = steward.steward;
    await flows.start(id, { flow: 'waiting' });
    const tokenOf = (step: string) =>
      vi.waitFor(async () => {
        const task = (await flows.tasks(flowWorkflowId(id))).find((one) => one.step === step);
        expect(task).toBeDefined();
        return task?.token ?? '';
      }, PATIENCE);
    const first = await tokenOf('First#1');
    await flows.answer('heartbeatTask', { token: first });
    await flows.answer('completeTask', { token: first });
    await flows.answer('failTask', { token: await tokenOf('Second#1'), error: 'Lost' });
    await flows.end(id);
    await keep(steward, flowWorkflowId(id));
  };
  way('flow-waited', 'a flow that waits for whoever has its token', waited);
  way('flow-waited-counted', 'the same, since its tokens are told apart by their number', waited);
  way('ticket-waited', 'a ticket whose flow waits for whoever has its token', async (keep) => {
    const event = envelope();
    const { ticketId } = event.detail;
    await steward.post(event);
    const { flows } = steward.steward;
    const [task] = await vi.waitFor(async () => {
      const tasks = await flows.tasks(ticketWorkflowId(ticketId));
      expect(tasks).toHaveLength(1);
      return tasks;
    }, PATIENCE);
    await flows.answer('completeTask', { token: task?.token ?? '' });
    await entry(steward, ticketId, 'welcomed');
    await steward.steward.resolve(ticketId, { agentId: 'ana' });
    await keep(steward, ticketWorkflowId(ticketId));
  });
  way('flow-requested', 'a flow that calls a system outside, with a token and without', async (keep) => {
    const id = runId();
    const { flows } = steward.steward;
    held.outside?.failNext('500', { action: 'PUT' });
    held.outside?.answerNext(json(200, {}), { action: 'POST' });
    held.outside?.answerNext(json(400, {}), { action: 'POST' });
    await flows.start(id, { flow: 'asking', input: { order: 7 } });
    const token = await vi.waitFor(async () => {
      const task = (await flows.tasks(flowWorkflowId(id))).find((one) => one.step === 'Hand#1');
      expect(task).toBeDefined();
      return task?.token ?? '';
    }, PATIENCE);
    await flows.answer('completeTask', { token });
    await flows.end(id);
    await keep(steward, flowWorkflowId(id));
  });
  way('flow-told', 'a flow that tells somebody something, more than they want at once', async (keep) => {
    const { id: customerId } = await addCustomer(teller);
    const id = runId();
    const { flows } = teller.steward;
    providers.slack.failNext('500', { action: 'chat.postMessage' });
    await flows.start(id, { flow: 'telling', input: { customerId, text: 'It comes on Friday.' } });
    expect(await flows.end(id)).toMatchObject({ status: 'succeeded' });
    await keep(teller, flowWorkflowId(id));
  });
  way('ticket-told', 'a ticket whose flow tells somebody something', async (keep) => {
    const event = envelope({ customerEmail: 'noor@customer.example' });
    const { ticketId } = event.detail;
    await teller.post(event);
    await entry(teller, ticketId, 'welcomed');
    await teller.steward.resolve(ticketId, { agentId: 'ana' });
    await entry(teller, ticketId, 'resolved');
    await keep(teller, ticketWorkflowId(ticketId));
  });
  way('flow-called', 'a flow that starts others', async (keep) => {
    await keep(steward, await gone('calling', {}));
  });
  way('flow-failed', 'the same flow, to its Fail', async (keep) => {
    await keep(steward, await gone('way', { items: [1, 2, 4] }));
  });
}
