/** Endpoints on a receiver that checks signatures, and a Steward that tells them. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect } from 'vitest';
import { webhookWorkflowId } from '../../src/contract.ts';
import { createWebhookDesk } from '../../src/store/webhook-desk.ts';
import { startWebhookWaker } from '../../src/temporal/webhook-waker.ts';
import { testFile } from '../support/files.ts';
import { smallTeam } from '../support/flow.ts';
import { outcome } from '../support/outcome.ts';
import { type ReceiverStandIn, startReceiver } from '../support/stand-ins/receiver.ts';
import { type TestSteward, useSteward } from '../support/steward.ts';

export const SECRET = `whsec_${Buffer.from('a secret of 24 bytes or so').toString('base64')}`;

export interface Told {
  readonly type: string;
  readonly timestamp: string;
  readonly data: { readonly ticketId?: string; readonly sequence: number } & Readonly<Record<string, unknown>>;
}

/** Per endpoint, beside name, URL and secret. */
type More = Readonly<Record<string, unknown>>;
export interface WebhookScene {
  readonly steward: TestSteward;
  readonly receiver: ReceiverStandIn;
  /** The endpoint's whole name: workflows of all tests share one server. */
  name(endpoint: string): string;
  /** What the endpoint took of a ticket, in the order in which it came; each id once. */
  told(endpoint: string, ticketId?: string): Told[];
  /** Every request to the endpoint, whatever became of it. */
  asked(endpoint: string): ReceiverStandIn['asked'];
  rows(endpoint: string): Promise<{ message_id: string; status: string; attempts: number; reason: string | null }[]>;
  endpointRow(endpoint: string): Promise<{ opened_at: Date | null; disabled_at: Date | null; failures: number }>;
  desk(): ReturnType<typeof createWebhookDesk>;
  workflowOf(endpoint: string): ReturnType<TestSteward['temporal']['client']['workflow']['getHandle']>;
  /** Everything that was written for it has gone out. */
  allSent(endpoint: string): Promise<void>;
}

export function useWebhooks(endpoints: Readonly<Record<string, More>>, policy: More = {}): WebhookScene {
  const suffix = randomBytes(4).toString('hex');
  const name = (endpoint: string) => `${endpoint}-${suffix}`;
  const held: { receiver?: ReceiverStandIn; stop?: () => Promise<void> } = {};
  beforeAll(async () => {
    held.receiver = await startReceiver(SECRET);
  });
  const receiver = () => {
    if (!held.receiver) throw new Error('the receiver is there from the first beforeAll on');
    return held.receiver;
  };
  const steward = useSteward({
    settings: () => ({
      STEWARD_TEAM: smallTeam(),
      STEWARD_WEBHOOKS: testFile('webhooks.yaml', {
        retries: ['1 s', '1 s', '1 s', '1 s', '1 s', '1 s', '1 s', '1 s'],
        timeout: '2 s',
        circuit: { openAfter: 50, firstPause: '1 s', longestPause: '1 s' },
        endpoints: Object.entries(endpoints).map(([endpoint, more]) => ({
          name: name(endpoint),
          url: `${receiver().url}/${endpoint}`,
          secretEnv: 'HELPDESK_SECRET',
          ...more,
        })),
        ...policy,
      }),
    }),
    secrets: { HELPDESK_SECRET: SECRET },
  });
  beforeAll(() => {
    const waker = startWebhookWaker({
      client: steward.temporal.client,
      taskQueue: steward.taskQueue,
      wanting: steward.composed.deps.webhooks.store.wanting,
      onTrouble: (error) => console.error(error),
      everyMs: 100,
    });
    held.stop = waker.stop;
  });
  afterAll(async () => {
    await held.stop?.();
    for (const endpoint of Object.keys(endpoints)) {
      await scene
        .workflowOf(endpoint)
        .terminate()
        .catch(() => {});
    }
    await held.receiver?.stop();
  });
  const asked = (endpoint: string) => receiver().asked.filter(({ path }) => path === `/${endpoint}`);
  const scene: WebhookScene = {
    steward,
    get receiver() {
      return receiver();
    },
    name,
    asked,
    told(endpoint, ticketId) {
      const ids = [...new Set(asked(endpoint).map(({ headers }) => String(headers['webhook-id'])))];
      const bodies = ids.flatMap((id) => (receiver().told.has(id) ? [receiver().told.get(id) as Told] : []));
      return bodies.filter(({ data }) => ticketId === undefined || data.ticketId === ticketId);
    },
    rows: (endpoint) =>
      steward.owner
        .selectFrom('webhook_messages')
        .select(['message_id', 'status', 'attempts', 'reason'])
        .where('endpoint', '=', name(endpoint))
        .orderBy('id')
        .execute(),
    endpointRow: (endpoint) =>
      steward.owner
        .selectFrom('webhook_endpoints')
        .select(['opened_at', 'disabled_at', 'failures'])
        .where('name', '=', name(endpoint))
        .executeTakeFirstOrThrow(),
    desk: () =>
      createWebhookDesk(steward.composed.databases.as('steward_operator'), { kind: 'person', id: 'login/test' }),
    workflowOf: (endpoint) => steward.temporal.client.workflow.getHandle(webhookWorkflowId(name(endpoint))),
    async allSent(endpoint) {
      await outcome(async () => {
        const rows = await scene.rows(endpoint);
        expect(rows.length).toBeGreaterThan(0);
        expect(rows.filter(({ status }) => status !== 'sent' && status !== 'skipped')).toEqual([]);
      });
    },
  };
  return scene;
}
