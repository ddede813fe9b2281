import { expect, test } from 'vitest';
import { createSnsDoor } from '../../src/adapters/sns.ts';
import { snsRoutes } from '../../src/http/sns.ts';
import { smallTeam } from '../support/flow.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { bounce, complaint, TOPIC, useSns } from '../support/stand-ins/sns.ts';
import { useSteward } from '../support/steward.ts';
import { answered, entry, escalated, expectNoFailedTask, kinds, question, until } from './support.ts';

const providers = useProviders();
const sns = useSns();
const team = { STEWARD_TEAM: smallTeam() };
const steward = useSteward({ settings: () => ({ ...providers.settings('ses'), ...team }) });
const quick = useSteward({
  settings: () => ({ ...providers.settings('ses'), ...team, STEWARD_SOLVE_AFTER_SILENCE_MS: '8000' }),
});
const onSlack = useSteward({ settings: () => ({ ...providers.settings('ses', 'slack'), ...team }) });

/** What SNS posts, through the front door. */
async function post(on: typeof steward, Message: string): Promise<Response> {
  const routes = snsRoutes({
    ...on.gateway,
    sns: createSnsDoor({ topics: [TOPIC], fetch: sns.fetch }),
  });
  return routes.request('/v1/sns', { method: 'POST', body: JSON.stringify(sns.message({ Message })) });
}
/** SES's id of the mail, once it is written down. */
const mailOf = (ticketId: string, template: string, on = steward) =>
  outcome(async () => {
    const { owner } = on;
    const of = owner.selectFrom('deliveries').select('provider_message_id').where('ticket_id', '=', ticketId);
    const { provider_message_id: id } = await of.where('template', '=', template).executeTakeFirstOrThrow();
    if (id === null) throw new Error('not sent yet');
    return id;
  });
const told = async (on: typeof steward, ticketId: string) =>
  (await on.read.deliveries(ticketId))
    .filter(({ occasion }) => occasion.startsWith('undelivered:'))
    .map(({ template, recipient, channel, status }) => `${template} to ${recipient.id} by ${channel}: ${status}`);
const statusOf = async (on: typeof steward, ticketId: string, template: string) =>
  (await on.read.deliveries(ticketId)).find((delivery) => delivery.template === template)?.status;

test('a mail to the customer that came back is told once to whoever has the ticket, and stands on its timeline', async () => {
  const id = await escalated(steward, { customerEmail: 'mira@customer.example' });
  const messageId = await mailOf(id, 'handed-over');
  for (const repeated of [bounce(messageId), bounce(messageId)])
    expect((await post(steward, repeated)).status).toBe(200);
  await outcome(async () => expect(await told(steward, id)).toEqual(['undelivered to ana by mail: sent']));
  expect((await entry(steward, id, 'undelivered'))?.facts).toMatchObject({ outcome: 'bounced', to: 'customer' });
  expect((await kinds(steward, id)).filter((kind) => kind === 'undelivered')).toHaveLength(1);
  const word = providers.aws.mails.find(({ parsed }) => parsed.subject === `A mail of ${id} came back`);
  expect(word?.parsed.text).toContain('steward suppression lift');

  // What is said from then on waits on the status page.
  await steward.steward.reply(id, { agentId: 'ana', message: 'Try again, please.' });
  await outcome(async () => expect(await statusOf(steward, id, 'agent-reply')).toBe('suppressed'));
  expect(await statusOf(steward, id, 'handed-over')).toBe('bounced');

  // A complaint about the same mail is news of its own.
  await post(steward, complaint(messageId));
  await entry(steward, id, 'undelivered', 2);
  await expectNoFailedTask(steward, id);
});

test.each([
  ['comes back', bounce],
  ['is complained of', complaint],
])('the bot’s answer %s: silence counts for nothing, and a person gets the ticket', async (_how, failed) => {
  const id = await answered(quick);
  const messageId = await mailOf(id, 'bot-answer', quick);
  await post(quick, failed(messageId));
  await until(quick, id, { state: 'waitingForAgent', route: 'agent' });
  expect((await entry(quick, id, 'escalated'))?.facts).toMatchObject({ why: 'answer came back' });
  // The time for it is over.
  expect(await kinds(quick, id)).not.toContain('silenceEnded');
  expect(await quick.steward.describe(id)).toMatchObject({ waitingFor: expect.stringMatching(/agent/) });
  await expectNoFailedTask(quick, id);
});

test('the bot’s answer never goes out, since mail to them came back before: a person gets the ticket', async () => {
  const customerId = 'CUST-UNREACHED';
  await post(quick, bounce(await mailOf(await answered(quick, { customerId }), 'bot-answer', quick)));
  await outcome(async () =>
    expect(await quick.owner.selectFrom('suppressions').select('customer_id').execute()).toContainEqual({
      customer_id: customerId,
    }),
  );
  const event = question({ customerId });
  const id = event.detail.ticketId;
  await quick.steward.submit(event);
  await until(quick, id, { state: 'waitingForAgent', route: 'agent' });
  expect(await statusOf(quick, id, 'bot-answer')).toBe('suppressed');
  expect((await entry(quick, id, 'escalated'))?.facts).toMatchObject({ why: 'answer came back' });
  expect(await kinds(quick, id)).not.toContain('silenceEnded');
  await expectNoFailedTask(quick, id);
});

test('a mailbox that is full for now: nobody has read the answer, and a person gets the ticket; mail goes on', async () => {
  const customerId = 'CUST-FULL';
  const id = await answered(steward, { customerId });
  await post(steward, bounce(await mailOf(id, 'bot-answer'), 'Transient'));
  await until(steward, id, { state: 'waitingForAgent', route: 'agent' });
  expect((await entry(steward, id, 'escalated'))?.facts).toMatchObject({ why: 'answer came back' });
  await outcome(async () => expect(await statusOf(steward, id, 'handed-over')).toBe('sent'));
  const suppressed = steward.owner.selectFrom('suppressions').select('customer_id');
  expect(await suppressed.where('customer_id', '=', customerId).execute()).toEqual([]);
  await expectNoFailedTask(steward, id);
});

test('a mail to an agent that came back is told to the admins, and one to them to nobody', async () => {
  const id = await escalated(steward);
  const messageId = await mailOf(id, 'escalation');
  await post(steward, bounce(messageId));
  await outcome(async () => expect(await told(steward, id)).toEqual(['undelivered to operations by mail: sent']));
  await post(steward, bounce(await mailOf(id, 'undelivered')));
  await entry(steward, id, 'undelivered', 2);
  expect(await told(steward, id)).toEqual(['undelivered to operations by mail: bounced']);
  await expectNoFailedTask(steward, id);
});

test('a ticket is one thread in Slack: what is said of it later stands below the first message', async () => {
  const id = await escalated(onSlack, { customerEmail: 'iris@customer.example' });
  await outcome(async () => expect(await statusOf(onSlack, id, 'escalation')).toBe('sent'));
  const messageId = await mailOf(id, 'handed-over', onSlack);
  await post(onSlack, bounce(messageId));
  await outcome(async () => expect(await told(onSlack, id)).toEqual(['undelivered to ana by slack: sent']));
  await post(onSlack, complaint(messageId));
  await outcome(async () => expect(await told(onSlack, id)).toHaveLength(2));
  await outcome(() => expect(providers.slack.messages).toHaveLength(3));
  const [first, ...later] = providers.slack.messages;
  expect(first?.thread_ts).toBeUndefined();
  expect(later.map(({ channel, thread_ts }) => ({ channel, thread_ts }))).toEqual(
    later.map(() => ({ channel: 'D0ANA00001', thread_ts: first?.ts })),
  );
  await expectNoFailedTask(onSlack, id);
});

test('an agent whose mail came back gets the same by Slack', async () => {
  const id = await escalated(onSlack);
  await outcome(async () => expect(await statusOf(onSlack, id, 'escalation')).toBe('sent'));
  // As it is while Slack takes nothing: the word went by mail.
  const mail = { channel: 'mail', transport: 'ses', provider_message_id: `0102-${id}-000000` } as const;
  await onSlack.owner
    .updateTable('deliveries')
    .set(mail)
    .where('ticket_id', '=', id)
    .where('recipient_id', '=', 'ana')
    .execute();
  providers.slack.messages.length = 0;
  await post(onSlack, bounce(mail.provider_message_id));
  await outcome(async () => expect(await told(onSlack, id)).toEqual(['escalation to ana by slack: sent']));
  expect(providers.slack.messages).toMatchObject([{ channel: 'D0ANA00001', text: expect.stringContaining(id) }]);
  await expectNoFailedTask(onSlack, id);
});
