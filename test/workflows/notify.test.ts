/** What flows tell somebody, of a ticket and without one, on a real Temporal. */
import { sql } from 'kysely';
import { describe, expect, it, test, vi } from 'vitest';
import { createSnsDoor } from '../../src/adapters/sns.ts';
import { PERSONAL_DATA } from '../../src/domain/personal-data.ts';
import { snsRoutes } from '../../src/http/sns.ts';
import { ticketContext } from '../../src/store/contexts.ts';
import { addCustomer } from '../erasure/support.ts';
import { retrying, testFile } from '../support/files.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { bounce, TOPIC, useSns } from '../support/stand-ins/sns.ts';
import { envelope, useSteward } from '../support/steward.ts';
import { alone, flowFiles, ran, runHandle, runId } from './flow-run-support.ts';
import { entry, expectNoFailedTask, messagesOf } from './support.ts';

vi.setConfig({ testTimeout: 90_000 });

const tell = (Parameters: object, more: object = {}) => ({
  Type: 'Task',
  Resource: 'module:notify',
  Parameters,
  Retry: retrying(2),
  ...more,
});
const LATE = { subject: 'A parcel comes later', 'text.$': "States.Format('Order {} comes on Friday.', $.order)" };
const EVERYBODY = ['customer', 'ana', 'team/desk', 'contact/warehouse', 'onCall'];
const FLOWS = flowFiles({
  customer: alone('Tell', tell({ ...LATE, to: 'customer' })),
  later: {
    StartAt: 'Wait',
    States: {
      Wait: { Type: 'Wait', Seconds: 3, Next: 'Tell' },
      Tell: tell({ ...LATE, to: 'customer' }, { End: true }),
    },
  },
  everybody: alone('Tell', tell({ ...LATE, to: EVERYBODY })),
  ana: alone('Tell', tell({ ...LATE, to: 'ana' })),
  byMail: alone('Tell', tell({ ...LATE, to: 'ana', channel: 'mail' })),
  named: alone('Tell', tell({ ...LATE, 'to.$': '$.who' })),
  caught: {
    StartAt: 'Tell',
    States: {
      Tell: tell({ ...LATE, to: 'customer' }, { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }], End: true }),
      Caught: { Type: 'Pass', End: true },
    },
  },
  many: alone('Each', {
    Type: 'Map',
    ItemsPath: '$.orders',
    ItemSelector: { 'order.$': '$$.Map.Item.Value' },
    MaxConcurrency: 1,
    ItemProcessor: alone('Tell', tell({ ...LATE, to: 'ben' })),
  }),
  urgent: alone('Tell', tell({ ...LATE, to: 'ben', urgent: true })),
  tickets: {
    StartAt: 'Way',
    States: {
      Way: {
        Type: 'Choice',
        Choices: [{ Variable: '$.detail.subject', StringEquals: 'Inside', Next: 'Inside' }],
        Default: 'Tell',
      },
      Tell: tell(
        { to: EVERYBODY, subject: 'We look into it', 'text.$': "States.Format('You wrote: {}', $.detail.message)" },
        { ResultPath: '$.told', Next: 'Escalate' },
      ),
      Inside: tell(
        { to: 'admins', subject: 'Look', text: 'Somebody wrote.' },
        { ResultPath: '$.told', Next: 'Escalate' },
      ),
      Escalate: { Type: 'Task', Resource: 'module:escalateToAgent', Retry: retrying(2), End: true },
    },
  },
});
const TEAM = testFile('team.yaml', {
  agents: [
    { id: 'ana', name: 'Ana', email: 'ana@support.example', slack: 'U0ANA00001', capacity: 1000, onDuty: true },
    { id: 'ben', name: 'Ben', slack: 'U0BEN00001', capacity: 1000, onDuty: false, teams: ['desk'] },
  ],
  contacts: [{ id: 'warehouse', name: 'The warehouse', email: 'dock@warehouse.example' }],
  admins: [{ id: 'operations', name: 'Operations', email: 'operations@support.example', slack: 'C0OPERATE1' }],
  storm: { messages: 3, within: '5 s' },
});
const providers = useProviders();
const sns = useSns();
const steward = useSteward({
  settings: () => ({
    ...providers.settings('ses', 'slack', 'pagerDuty'),
    STEWARD_FLOW: FLOWS,
    STEWARD_TEAM: TEAM,
  }),
});
const mails = () =>
  providers.aws.mails.map(({ destinations, parsed }) => [destinations[0], parsed.subject, parsed.text]);
const slack = () => providers.slack.messages.map(({ channel, text }) => [channel, text]);
const SENT = { status: 'succeeded', output: { delivered: true, sent: 1, held: 0, suppressed: 0 } };

function rowsOf(id: string) {
  return steward.owner
    .selectFrom('run_messages')
    .selectAll()
    .where('workflow_id', '=', `flow-${id}`)
    .orderBy('id')
    .execute();
}
async function started(flow: string, input: object): Promise<string> {
  const id = runId();
  await steward.steward.flows.start(id, { flow, input: input as never });
  return id;
}

describe('a flow without a ticket', () => {
  it('tells each whom it names once, by the way that they have', async () => {
    const { id: customerId, email } = await addCustomer(steward);
    const id = await started('everybody', { customerId, order: 'A <b>&</b> *1*' });
    expect(await steward.steward.flows.end(id)).toEqual({
      status: 'succeeded',
      output: { delivered: true, sent: 5, held: 0, suppressed: 0 },
    });
    const words = 'Order A <b>&</b> *1* comes on Friday.';
    const toCustomer = mails().find(([to]) => to === email);
    expect(toCustomer?.[1]).toBe('A parcel comes later');
    expect(toCustomer?.[2]).toBe(`Hello Ada,\n\n${words}\n\nKind regards,\nYour support team\n`);
    expect(
      mails()
        .map(([to]) => to)
        .sort(),
    ).toEqual([email, 'dock@warehouse.example'].sort());
    expect(
      slack()
        .map(([channel]) => channel)
        .sort(),
    ).toEqual(['D0ANA00001', 'D0BEN00001']);
    // Nothing in it is anybody's markup.
    expect(slack()[0]?.[1]).toContain('Order A &lt;b&gt;&amp;&lt;/b&gt;');
    expect(slack()[0]?.[1]).toContain(`workflows/flow-${id}`);
    const [page] = providers.pagerDuty.events;
    expect(page?.payload).toMatchObject({ summary: 'A parcel comes later' });
    expect(JSON.stringify(page)).not.toContain('Friday');
    expect((await rowsOf(id)).map((row) => [row.recipient_kind, row.recipient_id, row.channel, row.status])).toEqual([
      ['customer', customerId, 'mail', 'sent'],
      ['agent', 'ana', 'slack', 'sent'],
      ['agent', 'ben', 'slack', 'sent'],
      ['contact', 'warehouse', 'mail', 'sent'],
      ['team', 'pagerduty', 'pagerduty', 'sent'],
    ]);
  });

  it('has its words in no table, nor anything in clear in Temporal', async () => {
    const { id: customerId, email } = await addCustomer(steward);
    const id = await started('customer', { customerId, order: 'Zweiundvierzig' });
    await steward.steward.flows.end(id);
    expect(await tablesWith('Zweiundvierzig')).toEqual([]);
    const clear = JSON.stringify(await runHandle(steward, id).fetchHistory());
    expect(clear).not.toContain('Zweiundvierzig');
    expect(clear).not.toContain(email);
    expect(clear).not.toContain('comes on Friday');
  });

  it('goes by the channel that it names, and says what it can’t do', async () => {
    expect(await ran(steward, 'byMail', { order: 1 })).toEqual(SENT);
    expect(mails().map(([to]) => to)).toEqual(['ana@support.example']);
    expect(await ran(steward, 'named', { order: 1, who: 'zoe' })).toMatchObject({
      status: 'failed',
      error: 'InvalidRequest',
      cause: 'to: nobody in policies/team.yaml is "zoe"',
    });
    expect(await ran(steward, 'named', { order: 1, who: 'mira@customer.example' })).toMatchObject({
      error: 'InvalidRequest',
    });
    expect(await ran(steward, 'customer', { order: 1 })).toMatchObject({
      error: 'InvalidRequest',
      cause: expect.stringContaining('about no customer'),
    });
  });

  it('sends once what failed before: by its Retry, or because the answer was lost', async () => {
    providers.slack.failNext('500', { action: 'chat.postMessage' });
    expect(await ran(steward, 'ana', { order: 1 })).toEqual(SENT);
    providers.slack.failNext('lost', { action: 'chat.postMessage' });
    expect(await ran(steward, 'ana', { order: 2 })).toEqual(SENT);
    expect(slack()).toHaveLength(2);
  });

  it('repeats a mail once whose answer was lost, and then says that nobody knows', async () => {
    const { id: customerId } = await addCustomer(steward);
    providers.aws.failNext('lost', { action: 'SendRawEmail' }, 2);
    expect(await ran(steward, 'caught', { customerId, order: 1 })).toMatchObject({
      output: { Error: 'DeliveryUnknown' },
    });
    expect(providers.aws.mails).toHaveLength(2);
  });

  it('tells a customer nothing whose mail comes back, who has no address or who is being erased', async () => {
    const nothing = { status: 'succeeded', output: { delivered: false, sent: 0, held: 0, suppressed: 1 } };
    const mailless = await addCustomer(steward);
    await steward.owner.updateTable('customers').set({ email: null }).where('id', '=', mailless.id).execute();
    expect(await ran(steward, 'customer', { customerId: mailless.id, order: 1 })).toEqual(nothing);

    const { id: customerId } = await addCustomer(steward);
    const id = await started('customer', { customerId, order: 1 });
    expect(await steward.steward.flows.end(id)).toEqual(SENT);
    const [row] = await rowsOf(id);
    const routes = snsRoutes({ ...steward.gateway, sns: createSnsDoor({ topics: [TOPIC], fetch: sns.fetch }) });
    const body = JSON.stringify(sns.message({ Message: bounce(row?.provider_message_id ?? '') }));
    expect((await routes.request('/v1/sns', { method: 'POST', body })).status).toBe(200);
    await outcome(async () => expect((await rowsOf(id))[0]).toMatchObject({ status: 'bounced' }));
    expect(await ran(steward, 'customer', { customerId, order: 2 })).toEqual(nothing);

    const frozen = await addCustomer(steward);
    // Its run is under way already: one that begins now waits for the erasure to end.
    const late = await started('later', { customerId: frozen.id, order: 1 });
    await outcome(async () => expect(await steward.steward.flows.describe(late)).toMatchObject({ at: 'Wait#1' }));
    await steward.owner.updateTable('customers').set({ frozen_at: new Date() }).where('id', '=', frozen.id).execute();
    expect(await steward.steward.flows.end(late)).toEqual(nothing);
    expect(mails()).toHaveLength(1);
  });

  it('goes on while what is too much for one of us waits, and ends when that is out; what is urgent does not wait', async () => {
    const id = await started('many', { orders: [1, 2, 3, 4] });
    expect(await ran(steward, 'urgent', { order: 9 })).toEqual(SENT);
    // Whoever is held back still is.
    await outcome(async () => expect(await rowsOf(id)).toHaveLength(4));
    expect((await rowsOf(id)).map(({ status }) => status)).toContain('queued');
    const { output } = (await steward.steward.flows.end(id)) as unknown as { output: { sent: number; held: number }[] };
    expect(output.map(({ sent, held }) => [sent, held])).toContainEqual([0, 1]);
    expect((await rowsOf(id)).map(({ status }) => status)).toEqual(['sent', 'sent', 'sent', 'sent']);
    expect(slack()).toHaveLength(5);
  });

  it('is in the audit log with each message, before and after, and with nobody’s words', async () => {
    const id = await started('ana', { order: 'Dreiundvierzig' });
    await steward.steward.flows.end(id);
    const logged = await steward.owner
      .selectFrom('audit_entries')
      .select(['action', 'after'])
      .where('actor_id', '=', `flow-${id}`)
      .orderBy('id')
      .execute();
    expect(logged.map(({ action }) => action)).toEqual([
      'runMessage.queued',
      'runMessage.intent',
      'runMessage.outcome',
    ]);
    expect(JSON.stringify(logged)).not.toContain('Dreiundvierzig');
  });
});

/** Tables in which the word stands. */
async function tablesWith(word: string): Promise<string[]> {
  const found: string[] = [];
  for (const table of new Set(PERSONAL_DATA.map((column) => column.table))) {
    const { rows } =
      await sql`select 1 from ${sql.table(table)} x where to_jsonb(x)::text like ${`%${word}%`} limit 1`.execute(
        steward.owner,
      );
    if (rows.length > 0) found.push(table);
  }
  return found;
}

test('a ticket’s flow tells them too: the customer sees it in the conversation, and it is no answer', async () => {
  const event = envelope({ customerEmail: 'noor@customer.example', customerName: 'Noor' });
  const { ticketId } = event.detail;
  await steward.post(event);
  await entry(steward, ticketId, 'escalated');
  const noted = await entry(steward, ticketId, 'notified');
  expect(noted?.facts).toMatchObject({ step: 'Tell#1', to: EVERYBODY });
  const told = (await steward.read.deliveries(ticketId)).filter(({ template }) => template.startsWith('notify'));
  expect(told.map(({ recipient, channel, status }) => [recipient.kind, recipient.id, channel, status]).sort()).toEqual(
    [
      ['agent', 'ana', 'slack', 'sent'],
      ['agent', 'ben', 'slack', 'sent'],
      ['contact', 'warehouse', 'mail', 'sent'],
      ['customer', event.detail.customerId, 'mail', 'sent'],
      ['team', 'pagerduty', 'pagerduty', 'sent'],
    ].sort(),
  );
  const toCustomer = mails().find(([to, subject]) => to === 'noor@customer.example' && subject?.startsWith('We look'));
  expect(toCustomer?.[1]).toBe(`We look into it (${ticketId})`);
  expect(toCustomer?.[2]).toContain("You wrote: I can't access my account.");
  expect((await messagesOf(steward, ticketId)).map(({ author, body, internal }) => [author, body, internal])).toEqual([
    ['customer', event.detail.message, false],
    ['bot', `You wrote: ${event.detail.message}`, false],
  ]);
  // Who has to answer is shown what was written before it, as if nothing had been said since.
  const { at } = (await messagesOf(steward, ticketId))[1] ?? {};
  const before = {
    ticket_id: ticketId,
    origin: 'r0',
    author: 'customer',
    body: 'Hello?',
    at: new Date(Number(at) - 1),
  };
  await steward.owner
    .insertInto('messages')
    .values(before as never)
    .execute();
  expect((await ticketContext(steward.owner, ticketId))?.customerNow).toEqual(['Hello?']);
  await expectNoFailedTask(steward, ticketId);
});

test('what only our own people are told the customer does not see', async () => {
  const event = envelope({ subject: 'Inside' });
  const { ticketId } = event.detail;
  await steward.post(event);
  await entry(steward, ticketId, 'escalated');
  const [, word] = await messagesOf(steward, ticketId);
  expect(word).toMatchObject({ body: 'Somebody wrote.', internal: true });
});
