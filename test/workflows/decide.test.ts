import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { expect, test, vi } from 'vitest';
import { testFile } from '../support/files.ts';
import { useSteward } from '../support/steward.ts';
import { entry, escalated, expectNoFailedTask, kinds, messagesOf, PATIENCE, until } from './support.ts';

const person = (id: string, capacity: number) => ({
  id,
  name: `${id.charAt(0).toUpperCase()}${id.slice(1)}`,
  email: `${id}@support.example`,
  capacity,
  onDuty: true,
});
const team = testFile('team.yaml', { agents: [person('ana', 1_000), person('ben', 0)], admins: ['ben'] });
const steward = useSteward({ settings: () => ({ STEWARD_TEAM: team }) });

/** The page to which the mail leads by which an agent was asked. */
async function asked(ticketId: string, by = 'ana@'): Promise<string> {
  return vi.waitFor(async () => {
    const dir = join(steward.stateDir, 'outbox');
    for (const file of await readdir(dir)) {
      const mail = await simpleParser(await readFile(join(dir, file)));
      const [link] = /http\S+\/ask\/\S+/.exec(mail.text ?? '') ?? [];
      const to = [mail.to ?? []].flat().map(({ text }) => text);
      if (link?.includes(ticketId) && to.join().includes(by)) return new URL(link).pathname;
    }
    throw new Error('no mail with a link yet');
  }, PATIENCE);
}
const get = async (path: string) => {
  const response = await steward.app.request(path);
  return { status: response.status, text: await response.text() };
};
const post = async (path: string, fields: Record<string, string>) => {
  const body = new URLSearchParams(fields).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const response = await steward.app.request(path, { method: 'POST', headers, body });
  return { status: response.status, text: await response.text(), to: response.headers.get('location') };
};
/** Another agent's page about the same. */
const pageOf = (ticketId: string, agentId: string, round = 1) =>
  new URL(steward.composed.deps.links.ask({ ticketId, round, agentId })).pathname;

test('a mail leads to a page; opening it, however often, decides nothing, and what is sent there does', async () => {
  const id = await escalated(steward, { customerName: 'Mira Castle', message: 'My secret words.' });
  const path = await asked(id);
  for (const method of ['GET', 'GET', 'HEAD']) await steward.app.request(path, { method });
  const { status, text } = await get(path);
  expect(status).toBe(200);
  expect(text).toContain('You decide as');
  // Whoever has the address may read it.
  expect(text).not.toMatch(/Mira|secret/);
  expect(await kinds(steward, id)).not.toContain('claimed');
  expect(await post(path, { act: 'claim', event: '0'.repeat(32) })).toMatchObject({
    status: 303,
    to: `${path}?done=claim`,
  });
  await until(steward, id, { state: 'inProgress', assigneeId: 'ana' });
  expect((await entry(steward, id, 'claimed'))?.facts).toMatchObject({ source: 'link', agentId: 'ana' });
  expect((await get(`${path}?done=claim`)).text).toContain('You have the ticket.');
  await expectNoFailedTask(steward, id);
});

test('the first one has it; who comes later is told, by whatever way, and keeps their words', async () => {
  const id = await escalated(steward);
  await steward.steward.claim(id, { agentId: 'ana' });
  const late = await post(pageOf(id, 'ben'), { act: 'reply', message: 'My long answer' });
  expect(late.status).toBe(409);
  expect(late.text).toContain('already claimed by Ana');
  expect(late.text).toContain('My long answer</textarea>');
  expect((await get(pageOf(id, 'ben'))).text).toContain('nothing left to decide');
  expect((await messagesOf(steward, id)).map(({ body }) => body)).not.toContain('My long answer');
});

test('of ten who decide at once one counts', async () => {
  const id = await escalated(steward);
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, i) =>
      post(pageOf(id, i % 2 ? 'ana' : 'ben'), { act: 'replyAndSolve', message: `Answer ${i}` }),
    ),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([303, ...Array.from({ length: 9 }, () => 409)]);
  expect((await messagesOf(steward, id)).filter(({ author }) => author === 'agent')).toHaveLength(1);
  await until(steward, id, { state: 'solved' });
});

test('the same form twice is one decision', async () => {
  const id = await escalated(steward);
  const form = { act: 'note', message: 'Between us', event: 'a'.repeat(32) };
  for (let i = 0; i < 2; i++) expect(await post(pageOf(id, 'ana'), form)).toMatchObject({ status: 303 });
  expect((await messagesOf(steward, id)).filter(({ internal }) => internal)).toHaveLength(1);
});

test('a link is good for its round, its person and nothing else', async () => {
  const id = await escalated(steward);
  const path = pageOf(id, 'ana');
  const altered = [
    path.replace('ana', 'ben'),
    path.replace('!1!', '!2!'),
    path.slice(0, -1),
    '/ask/x',
    pageOf(id, 'gone'),
  ];
  for (const one of altered) expect(await post(one, { act: 'claim' })).toMatchObject({ status: 404 });
  expect((await post(pageOf(id, 'ana', 7), { act: 'claim' })).text).toContain('out of date');
  expect(await kinds(steward, id)).not.toContain('claimed');
});

test('who has no Slack gives a ticket to somebody else, or puts it off, by the same word, under the same rules', async () => {
  const id = await escalated(steward);
  const decide = (said: object, round = 1) =>
    steward.steward.decide(id, { by: 'ana', round, ...said } as never, crypto.randomUUID());
  await expect(decide({ act: 'reassign' })).rejects.toThrow('to: expected one');
  await expect(decide({ act: 'snooze' })).rejects.toThrow('minutes: expected one');
  await decide({ act: 'snooze', minutes: 30 });
  expect(await entry(steward, id, 'snoozed')).toMatchObject({ actor: 'ana' });
  await decide({ act: 'reassign', to: 'ben' });
  await until(steward, id, { state: 'waitingForAgent', assigneeId: 'ben' });
  await steward.steward.claim(id, { agentId: 'ben' });
  await expect(decide({ act: 'reassign', to: 'ana' }, 2)).rejects.toMatchObject({ code: 'DecisionDenied' });
  await expectNoFailedTask(steward, id);
});
