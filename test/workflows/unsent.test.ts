import { afterEach, describe, expect, it, vi } from 'vitest';
import { testFile } from '../support/files.ts';
import { flowBySubject, smallTeam } from '../support/flow.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { json } from '../support/stand-ins/server.ts';
import { envelope, type TestSteward, useSteward } from '../support/steward.ts';
import { entry, escalated, handleOf, kinds, PATIENCE, question, until } from './support.ts';

const providers = useProviders();
const MAIL = { action: 'SendRawEmail' };
const refused = () =>
  json(
    400,
    { __type: 'MessageRejected', message: 'Email address is not verified.' },
    { 'x-amzn-errortype': 'MessageRejected' },
  );
const CUSTOMER = 'ada@customer.example';

/** A flow that has the bot answer, and nothing else: no Retry, no Catch. */
const botAlone = testFile('bot-alone.asl.json', {
  StartAt: 'Analyze',
  States: {
    Analyze: { Type: 'Task', Resource: 'module:analyzeTicket', Next: 'Bot' },
    Bot: { Type: 'Task', Resource: 'module:resolveWithBot', End: true },
  },
});
const common = { STEWARD_TEAM: smallTeam(), STEWARD_REOPEN_WINDOW_MS: '1000', STEWARD_SOLVE_AFTER_SILENCE_MS: '1000' };
const deliveryTo = async (steward: TestSteward, id: string, template: string) =>
  (await steward.read.deliveries(id)).find((delivery) => delivery.template === template);

afterEach(() => {
  for (const provider of [providers.aws, providers.slack]) provider.reset();
});

describe('a message that did not go out', () => {
  const steward = useSteward({
    settings: () => ({ ...providers.settings('ses', 'slack'), ...common, STEWARD_FLOW: flowBySubject() }),
  });

  it('of an agent’s parks even when the ticket is solved meanwhile, and the ticket does not close over it', async () => {
    const id = await escalated(steward, { subject: 'Escalate', customerEmail: CUSTOMER });
    await outcome(async () => expect(await deliveryTo(steward, id, 'handed-over')).toMatchObject({ status: 'sent' }));
    providers.aws.failNext('500', MAIL, 4);
    await steward.steward.reply(id, { agentId: 'ana', message: 'It works again.' });
    await steward.steward.resolve(id, { agentId: 'ana' });
    await entry(steward, id, 'parked');
    expect(await steward.read.ticket(id)).toMatchObject({ state: 'solved', needsAttention: true });
    await steward.steward.operate(id, 'retry', {});
    await outcome(async () => expect(await deliveryTo(steward, id, 'agent-reply')).toMatchObject({ status: 'sent' }));
    expect(await handleOf(steward, id).result()).toMatchObject({ outcome: 'closed' });
    expect((await kinds(steward, id)).indexOf('operator')).toBeLessThan((await kinds(steward, id)).indexOf('closed'));
  });

  it('takes no new input: `fix` is refused with what can be said', async () => {
    const id = await escalated(steward, { subject: 'Escalate', customerEmail: CUSTOMER });
    await outcome(async () => expect(await deliveryTo(steward, id, 'handed-over')).toMatchObject({ status: 'sent' }));
    providers.aws.answerNext(refused(), MAIL);
    await steward.steward.reply(id, { agentId: 'ana', message: 'It works again.' });
    await entry(steward, id, 'parked');
    await expect(steward.steward.operate(id, 'fix', { input: {} })).rejects.toMatchObject({
      code: 'NotParked',
      message: expect.stringContaining('retry, skip or abort'),
    });
    expect(await steward.steward.operate(id, 'abort', {})).toMatchObject({ parked: [] });
    expect(await entry(steward, id, 'operator')).toMatchObject({ facts: { act: 'giveUp' } });
  });

  it('is sent once at an operator’s word; when that fails too, it parks again', async () => {
    const id = await escalated(steward, { subject: 'Escalate', customerEmail: CUSTOMER });
    await outcome(async () => expect(await deliveryTo(steward, id, 'handed-over')).toMatchObject({ status: 'sent' }));
    providers.aws.failNext('lost', MAIL, 2);
    await steward.steward.reply(id, { agentId: 'ana', message: 'It works again.' });
    await entry(steward, id, 'parked');
    const sent = () => providers.aws.mails.filter(({ parsed }) => parsed.text?.includes('It works again.')).length;
    expect(sent()).toBe(2);
    providers.aws.failNext('lost', MAIL, 10);
    await steward.steward.operate(id, 'retry', {});
    await entry(steward, id, 'parked', 2);
    expect(sent()).toBe(3);
  });
});

describe('an answer of the bot’s that did not go out', () => {
  const steward = useSteward({
    settings: () => ({ ...providers.settings('ses', 'slack'), ...common, STEWARD_FLOW: botAlone }),
  });

  /** A ticket whose answer SES refused, so that its step is parked. */
  const refusedAnswer = async (): Promise<string> => {
    providers.aws.answerNext(refused(), MAIL);
    const event = question({ customerEmail: CUSTOMER });
    await steward.post(event);
    await entry(steward, event.detail.ticketId, 'parked');
    return event.detail.ticketId;
  };

  it('is no answer: silence does not solve the ticket, and an operator’s retry still sends it', async () => {
    const id = await refusedAnswer();
    // A ticket that came later and whose silence has ended shows that this one's would have.
    const other = question({ customerEmail: 'mira@customer.example' });
    await steward.post(other);
    await until(steward, other.detail.ticketId, { state: 'solved' });
    expect(await steward.read.ticket(id)).toMatchObject({ state: 'waitingForCustomer', needsAttention: true });
    await steward.steward.operate(id, 'retry', {});
    await until(steward, id, { state: 'solved' });
    expect(await deliveryTo(steward, id, 'bot-answer')).toMatchObject({ status: 'sent' });
  });

  it('that an operator says has arrived counts: silence solves the ticket', async () => {
    const id = await refusedAnswer();
    await steward.steward.operate(id, 'skip', { result: { answered: true } });
    await until(steward, id, { state: 'solved' });
    expect((await kinds(steward, id)).at(-1)).toBe('silenceEnded');
  });

  it('is withdrawn when a person got the ticket meanwhile', async () => {
    const id = await refusedAnswer();
    await steward.steward.tell(id, 'customerReplied', { message: 'Hello?' });
    await entry(steward, id, 'escalated');
    await steward.steward.operate(id, 'retry', {});
    await outcome(async () =>
      expect(await deliveryTo(steward, id, 'bot-answer')).toMatchObject({
        status: 'suppressed',
        reason: 'a person has the ticket',
      }),
    );
    await until(steward, id, { state: 'waitingForAgent', route: 'agent', parked: [] });
    await outcome(async () => expect(await deliveryTo(steward, id, 'handed-over')).toMatchObject({ status: 'sent' }));
    expect(providers.aws.mails.filter(({ destinations }) => destinations.includes(CUSTOMER))).toHaveLength(1);
  });
});

describe('word to the admins', () => {
  const steward = useSteward({
    settings: () => ({ ...providers.settings('ses', 'slack'), ...common, STEWARD_FLOW: flowBySubject() }),
  });
  const POST = { action: 'chat.postMessage' };
  const parkedByRefusal = async (slackFails: number) => {
    providers.slack.answerNext(json(200, { ok: false, error: 'channel_not_found' }), POST);
    providers.slack.failNext('429', POST, slackFails);
    providers.aws.failNext('429', MAIL, slackFails);
    // Nobody's address is known, so that no mail but theirs is on its way.
    const event = envelope({ subject: 'Escalate' });
    await steward.post(event);
    await entry(steward, event.detail.ticketId, 'parked');
    return event.detail.ticketId;
  };

  it('is tried again until it is out', async () => {
    const id = await parkedByRefusal(2);
    await vi.waitFor(async () => {
      const told = (await steward.read.deliveries(id)).filter(({ template }) => template === 'parked');
      expect(told.find(({ status }) => status === 'sent')?.attempts).toBe(3);
    }, PATIENCE);
    expect((await kinds(steward, id)).filter((kind) => kind === 'parked')).toHaveLength(1);
  });

  it('holds up no operator, and is given up when one has answered', async () => {
    const id = await parkedByRefusal(100);
    providers.slack.reset();
    providers.slack.failNext('429', POST, 1);
    expect(await steward.steward.operate(id, 'skip', { result: {} })).toMatchObject({ parked: [] });
    await outcome(async () => {
      const told = (await steward.read.deliveries(id)).filter(({ template }) => template === 'parked');
      expect(told.map(({ status }) => status)).not.toContain('queued');
    });
    expect(await steward.read.ticket(id)).toMatchObject({ needsAttention: false });
  });
});
