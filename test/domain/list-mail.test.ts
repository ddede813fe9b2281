import { expect, it } from 'vitest';
import { cameByOwnList, nameBehind, ownLists, writerBehind } from '../../src/domain/list-mail.ts';
import { judgeMail } from '../../src/domain/mail.ts';

const own = ownLists(['Example Support <Help@example.com>', 'users.lists.example.com']);
/** As a Google Group in front of help@example.com hands a mail on. */
const group = {
  precedence: ['list'],
  'mailing-list': ['list help@example.com; contact help+owners@example.com'],
  'list-id': ['<help.example.com>'],
  'list-post': ['<https://groups.google.com/a/example.com/group/help/post>, <mailto:help@example.com>'],
  'list-unsubscribe': ['<mailto:googlegroups-manage+1+unsubscribe@googlegroups.com>'],
};

it.each<[Record<string, string[]>]>([
  [group],
  [{ 'list-id': ['Help of Example <HELP.example.com>'] }],
  [{ 'list-id': ['help.example.com'] }],
  [{ 'list-id': ['<users.lists.example.com>'] }],
  [{ 'list-post': ['<mailto:help@example.com?subject=x>'] }],
  [{ 'mailing-list': ['list help@example.com; contact x@y.example'] }],
  [{ 'x-beenthere': ['help@example.com'] }],
])('a list of our own: %j', (headers) => {
  expect(cameByOwnList(headers, own)).toBe(true);
  expect(judgeMail(headers, 'ada@example.org', own)).toEqual({ from: 'person' });
});

it.each<[Record<string, string[]>]>([
  [{ to: ['help@example.com'], 'list-id': ['<news.shop.example>'] }],
  [{ 'list-id': ['<nothelp.example.com>'] }],
  [{ 'list-id': ['<help.example.com.evil.example>'] }],
  [{ 'list-post': ['<mailto:help@example.com.evil.example>'] }],
  [{ 'list-unsubscribe': ['<mailto:help@example.com>'] }],
  [{ precedence: ['list'] }],
])('none of ours: %j', (headers) => {
  expect(cameByOwnList(headers, own)).toBe(false);
  expect(judgeMail(headers, 'ada@example.org', own)).toEqual({ from: 'machine', reason: 'bulk' });
});

it.each<[string, Record<string, string[]>]>([
  ['automatic', { 'auto-submitted': ['auto-replied'] }],
  ['automatic', { precedence: ['auto_reply'] }],
  ['bounce', { 'return-path': ['<>'] }],
  ['report', { 'content-type': ['multipart/report; report-type=disposition-notification'] }],
  ['own', { 'x-ticket-id': ['TKT-1'], 'x-delivery-id': ['5'] }],
])('a machine’s by our own list stays a machine’s: %s', (reason, headers) => {
  expect(judgeMail({ ...group, ...headers }, 'ada@example.org', own)).toEqual({ from: 'machine', reason });
});

it('knows who wrote where the list has put its own address into From', () => {
  const rewritten = { ...group, 'x-original-sender': ['Ada@yahoo.example'], 'reply-to': ['other@yahoo.example'] };
  expect(writerBehind(rewritten, own, 'help@example.com')).toBe('ada@yahoo.example');
  expect(writerBehind({ ...group, 'x-original-from': ['Ada <ada@yahoo.example>'] }, own, 'HELP@example.com')).toBe(
    'ada@yahoo.example',
  );
  expect(writerBehind({ ...group, 'reply-to': ['Ada <ada@yahoo.example>'] }, own, 'help@example.com')).toBe(
    'ada@yahoo.example',
  );
});

it('takes nobody’s word for it where From has the writer, another list speaks, or two are named', () => {
  const said = { 'x-original-sender': ['ada@yahoo.example'] };
  expect(writerBehind({ ...group, ...said }, own, 'mallory@example.org')).toBeNull();
  expect(writerBehind({ 'list-id': ['<news.shop.example>'], ...said }, own, 'help@example.com')).toBeNull();
  expect(writerBehind(said, own, 'help@example.com')).toBeNull();
  const two = { 'reply-to': ['ada@yahoo.example, mallory@example.org'] };
  expect(writerBehind({ ...group, ...two }, own, 'help@example.com')).toBeNull();
  expect(writerBehind({ ...group, 'x-original-sender': ['help@example.com'] }, own, 'help@example.com')).toBeNull();
  expect(writerBehind(group, own, 'help@example.com')).toBeNull();
});

it('knows no list without a name, and reads a hostile header in no time', () => {
  expect(cameByOwnList(group, ownLists([]))).toBe(false);
  const begun = performance.now();
  expect(cameByOwnList({ 'list-id': ['x'.repeat(1_000_000), '<'.repeat(1_000_000)] }, own)).toBe(false);
  expect(performance.now() - begun).toBeLessThan(1_000);
});

it.each([
  ["'Ada Lovelace' via Help", 'Ada Lovelace'],
  ['Ada Lovelace via Users', 'Ada Lovelace'],
  ['Ada Lovelace', 'Ada Lovelace'],
  ['', ''],
])('%s was written by %s', (shown, name) => expect(nameBehind(shown)).toBe(name));
