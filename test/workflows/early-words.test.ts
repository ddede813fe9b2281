import { expect, test, vi } from 'vitest';
import { testFile } from '../support/files.ts';
import { smallTeam } from '../support/flow.ts';
import { useSteward } from '../support/steward.ts';
import { about, entry, expectNoFailedTask, kinds, messagesOf, PATIENCE, question, until } from './support.ts';

/** The bot's turn comes in an hour. */
const waiting = testFile('waiting.asl.json', {
  StartAt: 'Analyze',
  States: {
    Analyze: { Type: 'Task', Resource: 'module:analyzeTicket', Next: 'Wait' },
    Wait: { Type: 'Wait', Seconds: 3600, Next: 'Person' },
    Person: { Type: 'Task', Resource: 'module:escalateToAgent', End: true },
  },
});
const steward = useSteward({ settings: () => ({ STEWARD_TEAM: smallTeam() }) });
const slow = useSteward({ settings: () => ({ STEWARD_TEAM: smallTeam(), STEWARD_FLOW: waiting }) });

/** A question that the bot has a sure answer to, and what its customer wrote while nobody had looked at it yet. */
async function asked(on: typeof steward, further: string, detail: Parameters<typeof question>[0] = {}) {
  const event = question({ ticketId: `TKT-early-${crypto.randomUUID()}`, ...detail });
  const { ticketId } = event.detail;
  expect((await on.post(about(ticketId, 'ticket.replied', 'e1', { message: further }))).status).toBe(202);
  expect((await on.post(event)).status).toBe(202);
  return ticketId;
}

test('who adds something before the bot has answered is not answered past: a person gets all of it', async () => {
  const id = await asked(steward, 'The button to download it is grey since Monday.');
  await until(steward, id, { state: 'waitingForAgent', route: 'agent' });
  expect(await kinds(steward, id)).not.toContain('answered');
  expect((await entry(steward, id, 'handedOver'))?.facts).toMatchObject({ why: 'wrote more', articleId: 'invoices' });
  await entry(steward, id, 'reread');
  expect(await messagesOf(steward, id)).toHaveLength(2);
  await expectNoFailedTask(steward, id);
});

test('"I want a human" is honoured in any of their messages, and they are handed over once', async () => {
  const id = await asked(steward, 'I want to talk to a human.');
  await until(steward, id, { state: 'waitingForAgent', route: 'agent' });
  expect((await entry(steward, id, 'escalated'))?.facts).toMatchObject({ why: 'asked for a person' });
  expect(await kinds(steward, id)).not.toContain('answered');
  await vi.waitFor(async () => {
    const told = (await steward.read.deliveries(id)).filter(({ template }) => template === 'escalation');
    expect(told.map(({ status }) => status)).toEqual(['sent']);
  }, PATIENCE);
  expect((await kinds(steward, id)).filter((kind) => kind === 'escalated')).toHaveLength(1);
  await expectNoFailedTask(steward, id);
});

test('while the flow waits it is heard at once, and what they feel raises the priority', async () => {
  const event = question({ customerTier: 'premium' });
  await slow.steward.submit(event);
  const { ticketId: id } = event.detail;
  await until(slow, id, { state: 'new', priority: 'MEDIUM' });
  await slow.steward.tell(id, 'customerReplied', { message: 'This is terrible, the worst service ever!' });
  expect((await entry(slow, id, 'reread'))?.facts).toMatchObject({ before: 'MEDIUM', priority: 'HIGH' });
  await until(slow, id, { state: 'new', priority: 'HIGH' });
  await slow.steward.tell(id, 'customerReplied', { message: 'Can I speak to a human?' });
  await until(slow, id, { state: 'waitingForAgent', route: 'agent' });
  expect((await entry(slow, id, 'escalated'))?.facts).toMatchObject({ why: 'asked for a person' });
  await expectNoFailedTask(slow, id);
});
