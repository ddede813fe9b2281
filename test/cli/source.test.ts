import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { testFile } from '../support/files.ts';
import { runOn } from './support.ts';

const EXAMPLE = 'examples/sources/zendesk-comment.json';
const run = (...args: string[]) => runOn({ readText: async (file) => readFileSync(file, 'utf8') }, 'source', ...args);

test('check says of each file that it is in order, or all that is wrong', async () => {
  const good = await run('check', 'sources/zendesk.yaml');
  expect([good.exit, good.out]).toEqual([0, 'sources/zendesk.yaml: in order\n']);
  const file = testFile('desk.yaml', { events: [{ name: 'x' }, { name: 'y', when: {}, ignore: true }] });
  const bad = await run('check', 'sources/zendesk.yaml', file);
  expect(bad.exit).toBe(1);
  expect(bad.out).toContain(`${file}: 2 errors`);
  expect(bad.out).toMatch(
    /events\.0 +give one of event, run and ignore: true\n +line 1 +events\.1\.when +the rule has no operator/,
  );
});

test('try shows what becomes of an event, by which rule', async () => {
  const { exit, out } = await run('try', 'sources/zendesk.yaml', EXAMPLE);
  expect(exit).toBe(0);
  expect(out).toContain('A new ticket, by rule "comment of a customer":');
  expect(out).toContain('"ticketId": "zendesk-4711"');
  expect(out).toContain('Where its ticket is there already:');
  const json = JSON.parse((await run('try', 'sources/zendesk.yaml', EXAMPLE, '--json')).out);
  expect(json).toMatchObject({ envelope: { source: 'zendesk' }, known: { ticketId: 'zendesk-4711' } });
});

test('try takes headers, and fails where the event can’t be made one of ours', async () => {
  const file = testFile('hooked.yaml', { events: [{ name: 'noise', headers: { 'x-event': 'ping' }, ignore: true }] });
  expect((await run('try', file, EXAMPLE, '--header', 'X-Event=ping')).out).toBe('Ignored: by rule "noise".\n');
  const refused = await run('try', file, EXAMPLE);
  expect(refused.exit).toBe(1);
  expect(refused.out).toContain('Refused: no rule fits it; 1 error');
  expect((await run('try', file, EXAMPLE, '--header', 'nonsense')).err).toContain('such as x-event=comment');
});
