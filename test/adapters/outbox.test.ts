import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createOutbox } from '../../src/adapters/outbox.ts';
import type { Mail, SlackMessage } from '../../src/deps.ts';

let dir: string;
beforeEach(async () => {
  dir = join(await mkdtemp(join(tmpdir(), 'outbox-')), 'outbox');
});
afterEach(() => rm(join(dir, '..'), { recursive: true }));

const MAIL: Mail = {
  deliveryId: '12',
  ticketId: 'TKT-1',
  to: { address: 'ada@customer.example', name: null },
  subject: 'Hello',
  text: 'It works again.\n',
};
const SLACK: SlackMessage = { deliveryId: '13', ticketId: 'TKT-1', channel: 'U0ANA00001', text: 'Look at this' };
const outbox = () => createOutbox({ dir, from: 'Support <help@support.example>' });

test('a mail becomes a file that a mail reader opens', async () => {
  expect(await outbox().write({ channel: 'mail', mail: MAIL })).toBe('outbox:12.eml');
  const parsed = await simpleParser(await readFile(join(dir, '12.eml')));
  expect(parsed).toMatchObject({ subject: 'Hello', text: MAIL.text });
  expect(parsed.headers.get('x-ticket-id')).toBe('TKT-1');
});

test('a Slack message becomes a JSON file', async () => {
  expect(await outbox().write({ channel: 'slack', slack: SLACK })).toBe('outbox:13.json');
  expect(JSON.parse(await readFile(join(dir, '13.json'), 'utf8'))).toEqual(SLACK);
});

test('written again it is the same file, and no draft stays behind', async () => {
  await Promise.all(Array.from({ length: 5 }, () => outbox().write({ channel: 'mail', mail: MAIL })));
  expect(await readdir(dir)).toEqual(['12.eml']);
});

test('nobody but its owner reads it', async () => {
  await outbox().write({ channel: 'mail', mail: MAIL });
  expect((await stat(dir)).mode & 0o777).toBe(0o700);
  expect((await stat(join(dir, '12.eml'))).mode & 0o777).toBe(0o600);
});

test.each(['../12', 'a/b', '', '.', 'x\u0000'])(
  'a delivery id that is no file name is refused: %j',
  async (deliveryId) => {
    await expect(outbox().write({ channel: 'mail', mail: { ...MAIL, deliveryId } })).rejects.toMatchObject({
      code: 'InvalidRequest',
    });
  },
);

test('tells whom its mails are to, however long the name before the address is', async () => {
  const { mails, write, remove } = outbox();
  const all = async () => {
    const found: object[] = [];
    for await (const mail of mails((id) => id !== '15')) found.push(mail);
    return found;
  };
  expect(await all()).toEqual([]);
  const to = { address: `${'a'.repeat(60)}@köln.example`, name: `Ada "${'Ü'.repeat(80)}" <x@y.example>` };
  await write({ channel: 'mail', mail: MAIL });
  await write({ channel: 'slack', slack: SLACK });
  await write({ channel: 'mail', mail: { ...MAIL, deliveryId: '14', to, text: '\nTo: eve@customer.example\n' } });
  await write({ channel: 'mail', mail: { ...MAIL, deliveryId: '15' } });
  expect(await all()).toEqual([
    { deliveryId: '12', to: 'ada@customer.example' },
    { deliveryId: '14', to: `${'a'.repeat(60)}@xn--kln-sna.example` },
  ]);
  const said: number[] = [];
  const say = async (files: number) => {
    said.push(files);
  };
  await expect(remove(['12', '14'], () => Promise.reject(new Error('the log is away')))).rejects.toThrow('away');
  expect(await all()).toHaveLength(2);
  expect([await remove(['14'], say), await remove(['14'], say)]).toEqual([1, 0]);
  expect(said).toEqual([1]);
  expect(await all()).toHaveLength(1);
});

test('forgets whom a mail is to, name and all, and leaves every byte of its words', async () => {
  const { forgetAddressee, write } = outbox();
  const to = { address: `${'a'.repeat(60)}@köln.example`, name: `Ada "${'Ü'.repeat(80)}" <x@y.example>` };
  const text = 'Grüße,\nTo: eve@customer.example\n\nTo: bob@customer.example\n';
  await write({ channel: 'mail', mail: { ...MAIL, to, text } });
  await write({ channel: 'mail', mail: { ...MAIL, deliveryId: '14' } });
  const read = () => readFile(join(dir, '12.eml'), 'latin1');
  const before = await read();
  await expect(forgetAddressee(['12'], () => Promise.reject(new Error('the log is away')))).rejects.toThrow('away');
  expect(await read()).toBe(before);
  const said: number[] = [];
  const say = async (files: number) => {
    said.push(files);
  };
  expect(await forgetAddressee(['12', '13'], say)).toBe(1);
  const after = await read();
  expect(after.slice(after.indexOf('\r\n\r\n'))).toBe(before.slice(before.indexOf('\r\n\r\n')));
  const parsed = await simpleParser(after);
  expect(parsed).toMatchObject({ subject: 'Hello', text, messageId: (await simpleParser(before)).messageId });
  expect(after.match(/^To: .*$/gm)?.[0]).toMatch(/^To: undisclosed-recipients:;\r?$/);
  for (const gone of ['a'.repeat(20), 'xn--kln', 'y.example']) expect(after).not.toContain(gone);
  // Done twice it changes nothing, and others are left alone.
  expect(await forgetAddressee(['12'], say)).toBe(0);
  expect(said).toEqual([1]);
  expect(await readFile(join(dir, '14.eml'), 'utf8')).toContain('To: ada@customer.example');
});
