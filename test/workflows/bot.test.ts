import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { testFile } from '../support/files.ts';
import { smallTeam } from '../support/flow.ts';
import { useProviders } from '../support/providers.ts';
import { useSteward } from '../support/steward.ts';
import { answered, entry, escalated, kinds, PATIENCE, question, until } from './support.ts';

const providers = useProviders();
const steward = useSteward({ settings: () => ({ STEWARD_TEAM: smallTeam(), STEWARD_AUTOMATIC_PER_DAY: '3' }) });
const analysed = useSteward({
  settings: () => ({ STEWARD_TEAM: smallTeam(), ...providers.settings('comprehend') }),
});
const sla = testFile('sla.yaml', {
  policies: [
    { name: 'urgent', when: { priority: 'HIGH' }, firstResponse: '1 h' },
    { name: 'rest', firstResponse: '8 h' },
  ],
});
const clocked = useSteward({ settings: () => ({ STEWARD_TEAM: smallTeam(), STEWARD_SLA: sla }) });

test.each([
  ['en', 'How do I download my invoice for last month? I want to talk to a human.'],
  ['de', 'Wie lade ich meine Rechnung herunter? Ich möchte mit einem Menschen sprechen.'],
  ['fr', 'Comment télécharger ma facture ? Je veux parler à une vraie personne.'],
  ['es', '¿Cómo descargo mi factura? Quiero hablar con una persona.'],
])('who asks for a person gets one, though the bot has a sure answer (%s)', async (_language, message) => {
  const event = question({ message });
  await steward.steward.submit(event);
  const { ticketId } = event.detail;
  await until(steward, ticketId, { state: 'waitingForAgent', route: 'agent' });
  expect((await entry(steward, ticketId, 'escalated'))?.facts).toMatchObject({ why: 'asked for a person' });
  expect(await kinds(steward, ticketId)).not.toContain('answered');
});

test('the same question without the wish is answered by the bot', async () => {
  await answered(steward);
});

test('who gets the ticket reads what the bot tried and how the customer felt', async () => {
  const event = question({ message: 'How do I download my invoice? I hate this. Let me talk to a human.' });
  await steward.steward.submit(event);
  const { ticketId } = event.detail;
  await until(steward, ticketId, { state: 'waitingForAgent' });
  const mail = await vi.waitFor(async () => {
    const told = (await steward.read.deliveries(ticketId)).find(({ template }) => template === 'escalation');
    expect(told?.status).toBe('sent');
    return told;
  }, PATIENCE);
  const text = readFileSync(join(steward.stateDir, 'outbox', `${mail?.id}.eml`), 'utf8').replace(/=\r\n/g, '');
  expect(text).toContain('the customer asks for a person');
  expect(text).toMatch(/The bot: found article invoices \(confidence 0\.\d+\)/);
  expect(text).toMatch(/Mood: \w+ at first \(by local\)/);
});

test('a further message is analysed again: worse raises the priority by the same rule, and nothing lowers it', async () => {
  // Premium, and calm at first.
  const id = await answered(steward, {
    customerTier: 'premium',
    message: 'How do I download my invoice for last month?',
  });
  await until(steward, id, { priority: 'MEDIUM' });
  await steward.steward.tell(id, 'customerReplied', {
    message: 'This is terrible. I hate it, it is the worst service ever!',
  });
  const worse = await entry(steward, id, 'reread');
  expect(worse?.facts).toMatchObject({
    before: 'MEDIUM',
    priority: 'HIGH',
    sentiment: { label: 'NEGATIVE', source: 'local' },
  });
  await until(steward, id, { priority: 'HIGH', state: 'waitingForAgent' });
  await steward.steward.tell(id, 'customerReplied', { message: 'Thank you, you are wonderful and I love it!' });
  const better = await entry(steward, id, 'reread', 2);
  expect(better?.facts).toMatchObject({ before: 'HIGH', priority: 'HIGH', sentiment: { label: 'POSITIVE' } });
});

test('it is read before it is handed over: whoever gets the ticket is told how the customer feels now', async () => {
  const id = await answered(steward, { customerTier: 'premium' });
  await steward.steward.tell(id, 'customerReplied', { message: 'This is terrible, the worst service ever!' });
  await entry(steward, id, 'escalated');
  const order = (await kinds(steward, id)).filter((kind) => kind === 'reread' || kind === 'escalated');
  expect(order).toEqual(['reread', 'escalated']);
});

test('Comprehend reads the further message where it is configured; its failure is made up for by the local analyser', async () => {
  const id = await answered(analysed, { customerTier: 'premium' });
  Object.assign(providers.aws.comprehend, { sentiment: 'NEGATIVE', score: 0.99 });
  await analysed.steward.tell(id, 'customerReplied', { message: 'Well.' });
  expect((await entry(analysed, id, 'reread'))?.facts).toMatchObject({
    priority: 'HIGH',
    sentiment: { label: 'NEGATIVE', source: 'comprehend' },
  });
  const asked = providers.aws.asked.filter(({ action }) => action === 'DetectSentiment');
  expect(asked.at(-1)?.body).toContain('Well.');
  providers.aws.failNext('500', { action: 'DetectSentiment' }, 100);
  await analysed.steward.tell(id, 'customerReplied', { message: 'I love this wonderful service!' });
  expect((await entry(analysed, id, 'reread', 2))?.facts).toMatchObject({
    sentiment: { label: 'POSITIVE', source: 'local', outcome: 'fallback' },
  });
});

test('the clock follows: a priority that rises brings the policy of the urgent ones', async () => {
  const id = await escalated(clocked, {
    customerTier: 'premium',
    message: 'The parcel is on its way and I look for it.',
    sentimentScore: 0.2,
    subject: 'Parcel',
  });
  expect((await clocked.read.clocks(id)).map(({ policy }) => policy)).toContain('rest');
  await clocked.steward.tell(id, 'customerReplied', { message: 'This is terrible, I hate it, the worst ever!' });
  await entry(clocked, id, 'reread');
  await vi.waitFor(async () => {
    const first = (await clocked.read.clocks(id)).find(({ metric }) => metric === 'firstResponse');
    expect(first?.policy).toBe('urgent');
  }, PATIENCE);
});

test('two robots cannot keep each other talking: after so many automatic messages in a day a customer gets no more', async () => {
  const customerId = 'CUST-ROBOT';
  const sent = async (id: string) =>
    (await steward.read.deliveries(id))
      .filter(({ recipient }) => recipient.kind === 'customer')
      .map(({ status }) => status);
  const ids: string[] = [];
  // A new customer is welcomed and answered: two messages; then one for each ticket.
  for (let i = 0; i < 2; i += 1) ids.push(await answered(steward, { customerId }));
  const spent = question({ customerId });
  await steward.steward.submit(spent);
  ids.push(spent.detail.ticketId);
  // Of what never went out silence says nothing: a person looks.
  await until(steward, spent.detail.ticketId, { state: 'waitingForAgent', route: 'agent' });
  expect((await entry(steward, spent.detail.ticketId, 'escalated'))?.facts).toMatchObject({ why: 'answer came back' });
  const statuses = (await Promise.all(ids.map(sent))).flat();
  expect(statuses.filter((status) => status !== 'suppressed')).toHaveLength(3);
  // The answer, and word of the hand-over.
  expect(statuses.filter((status) => status === 'suppressed')).toHaveLength(2);
  const last = ids.at(-1) ?? '';
  // What a person writes goes out all the same.
  await steward.steward.reply(last, { agentId: 'ana', message: 'Is there anybody?' });
  await vi.waitFor(async () => {
    const reply = (await steward.read.deliveries(last)).find(({ template }) => template === 'agent-reply');
    expect(reply?.status).toBe('sent');
  }, PATIENCE);
});
