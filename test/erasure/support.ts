import { afterAll, beforeAll, expect } from 'vitest';
import { composeErasureRequests } from '../../src/compose-erasure.ts';
import { composeErasureDesk, type ErasureDesk } from '../../src/compose-erasure-desk.ts';
import { judge } from '../../src/config.ts';
import { erasureWorkflowId } from '../../src/contract.ts';
import type { Asked } from '../../src/domain/erase.ts';
import type { PrivacyPolicy } from '../../src/domain/privacy-policy.ts';
import { type ErasureRequests, newErasureId } from '../../src/erasure-requests.ts';
import { Secret } from '../../src/secret.ts';
import { runOn } from '../cli/support.ts';
import { LINK_SECRET } from '../support/link-secret.ts';
import { outcome } from '../support/outcome.ts';
import type { Providers } from '../support/providers.ts';
import { envelope, type TestSteward } from '../support/steward.ts';

/** Waiting as short as a test wants it. */
export function hurried(policy: PrivacyPolicy): PrivacyPolicy {
  return { ...policy, erasure: { ...policy.erasure, codeMinutes: 1, lookAgainDays: 2 / 86_400 } };
}

let count = 0;
/** Somebody whom the CRM knows, and who has no ticket. */
export async function addCustomer(steward: TestSteward, known: { email?: string; id?: string } = {}) {
  count += 1;
  const tag = `${Date.now().toString(36)}${count}`;
  const { id = `CUST-${tag}`, email = `t${tag}@customer.example` } = known;
  await steward.owner
    .insertInto('customers')
    .values({ id, name: 'Ada', email, tier: 'standard', known_from: 'crm', first_ticket_id: null })
    .execute();
  return { id, email };
}

export function requestsOf(steward: TestSteward): ErasureRequests {
  return composeErasureRequests(
    {
      db: steward.owner,
      keys: steward.composed.ring,
      policy: steward.composed.deps.erasure.policy,
      linkSecret: LINK_SECRET.reveal(),
    },
    steward.steward,
    undefined,
  );
}

/** An officer with an API key of their own, as the gateway and the command line show them. */
export function officer(id: string): { by: string[] } {
  return { by: [`key/of-${id}`, `officer/${id}`] };
}
export function vouchedBy(id: string) {
  return { ...officer(id), vouches: true };
}

/** A request of somebody whom an officer vouches for: it is proved from its beginning. */
export async function askFor(steward: TestSteward, asked: Asked, officer: string): Promise<string> {
  const requestId = newErasureId();
  await requestsOf(steward).ask({ requestId, asked, via: 'cli', ...vouchedBy(officer) });
  return requestId;
}

/** What comes in by HTTP, over a port or without one. */
export interface Front {
  readonly app: { request(path: string, init?: RequestInit): Response | Promise<Response> };
}

export async function askByForm(steward: Front, email: string): Promise<{ requestId: string; path: string }> {
  const form = await (await steward.app.request('/privacy')).text();
  const token = /name="token" value="([^"]+)"/.exec(form)?.[1] ?? '';
  const response = await post(steward, '/privacy', { token, email });
  expect(response.status, await response.clone().text()).toBe(303);
  const path = response.headers.get('location') ?? '';
  return { path, requestId: /ERA-[0-9a-f]{16}/.exec(decodeURIComponent(path))?.[0] ?? '' };
}

export function post(
  steward: Front,
  path: string,
  fields: Record<string, string>,
  more: Record<string, string> = {},
): Promise<Response> {
  const headers = { ...more, 'content-type': 'application/x-www-form-urlencoded' };
  return Promise.resolve(
    steward.app.request(path, { method: 'POST', headers, body: new URLSearchParams(fields).toString() }),
  );
}

/** The ticket, once its flow has sent it somewhere. Until its first step there is none, which must not count as having a route. */
export function routed({ read }: Pick<TestSteward, 'read'>, ticketId: string) {
  return outcome(async () => {
    const found = await read.ticket(ticketId);
    if (found === null || found.route === 'none')
      throw new Error(`${ticketId} ${found ? 'has no route' : 'is not there'} yet`);
    return found;
  });
}

export interface Person {
  readonly email: string;
  readonly customerId: string;
  readonly ticketId: string;
}

/** Somebody with a ticket that runs, and whose two messages have gone out. */
export async function knownWithTicket(steward: TestSteward): Promise<Person> {
  const email = `k${Math.random().toString(36).slice(2)}@customer.example`;
  const event = envelope({ customerEmail: email, customerName: 'Ada Lovelace' });
  const { customerId, ticketId } = event.detail;
  expect((await steward.post(event)).status).toBe(202);
  await outcome(async () => {
    const sent = (await steward.read.deliveries(ticketId)).filter(({ status }) => status === 'sent');
    expect(sent).toHaveLength(2);
  });
  return { email, customerId, ticketId };
}

/** Asks by form, and enters the code. */
export async function provedByCode(steward: TestSteward, providers: Providers, email: string) {
  const asked = await askByForm(steward, email);
  expect((await post(steward, asked.path, { code: await codeOf(providers, asked.requestId) })).status).toBe(303);
  return asked;
}

/** The code that was mailed for this request. */
export function codeOf(providers: Providers, requestId: string): Promise<string> {
  return outcome(() => {
    const mail = providers.aws.mails.find(({ raw }) => raw.includes(`X-Delivery-ID: ${requestId}-code`));
    const code = /^(\d{4} \d{4})$/m.exec(mail?.parsed.text ?? '')?.[1];
    if (code === undefined) throw new Error(`no code for ${requestId} yet`);
    return code;
  });
}

export function row(steward: Pick<TestSteward, 'owner'>, requestId: string) {
  return steward.owner.selectFrom('erasures').selectAll().where('id', '=', requestId).executeTakeFirstOrThrow();
}

export function inState(steward: TestSteward, requestId: string, state: string) {
  return outcome(async () => expect((await row(steward, requestId)).state).toBe(state));
}

export function ended(steward: Pick<TestSteward, 'owner'>, requestId: string) {
  return outcome(async () => {
    const found = await row(steward, requestId);
    if (found.ended_at === null) throw new Error(`still ${found.state}`);
    return found;
  });
}

/** Its last step writes the end down; the workflow itself ends a moment later, and hears nobody any more. */
export async function over(steward: TestSteward, requestId: string) {
  const found = await ended(steward, requestId);
  await steward.temporal.client.workflow.getHandle(erasureWorkflowId(requestId)).result();
  return found;
}

/** The commands about erasures on this Steward, as `npx steward` beside it runs them. */
export function useErasureCommands(
  steward: TestSteward,
  settings: () => Readonly<Record<string, string>>,
  /** The API key that whoever sits there shows; it is looked up when it is needed. */
  officerKey = '',
) {
  const held: { desk?: ErasureDesk } = {};
  beforeAll(async () => {
    const { stateDir, taskQueue, databaseUrl } = steward;
    const { config, secrets } = judge({
      ...settings(),
      STEWARD_OFFICER_KEY: officerKey,
      STEWARD_STATE_DIR: stateDir,
      STEWARD_TASK_QUEUE: taskQueue,
    });
    held.desk = await composeErasureDesk({
      config,
      databaseUrl: new Secret(databaseUrl),
      linkSecret: LINK_SECRET,
      officerKey: secrets.officerKey,
      client: steward.steward,
      workflowService: steward.temporal.client.workflowService,
    });
  });
  afterAll(() => held.desk?.close());
  return (...args: string[]) => runOn({ erasures: async () => held.desk as ErasureDesk }, ...args);
}
