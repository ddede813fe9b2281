import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadHelp } from '../../src/adapters/help-files.ts';
import type { StewardError } from '../../src/domain/errors.ts';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'steward-help-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const write = (name: string, content: string) => writeFile(join(dir, name), content);
const article = (head: string, body = 'Do this.') => `---\n${head}\n---\n${body}\n`;

/** Fields and messages of what is wrong with the folder. */
async function problems(): Promise<string[]> {
  const error: StewardError = await loadHelp(dir).then(
    () => {
      throw new Error('the articles were taken');
    },
    (thrown) => thrown,
  );
  expect(error.code).toBe('InvalidConfig');
  return error.problems.map((p) => `${p.field}: ${p.message}`);
}

test('an article is read from its file: id from the name, the rest from the front matter', async () => {
  await write('invoices.de.md', article('title: Rechnungen\nlanguage: de\nkeywords: [Beleg, "429"]', '1. Öffnen.'));
  expect(await loadHelp(dir)).toEqual([
    { id: 'invoices.de', title: 'Rechnungen', language: 'de', keywords: ['Beleg', '429'], body: '1. Öffnen.' },
  ]);
});

test('keywords may be left out; line ends of Windows do no harm; other files are let be', async () => {
  await write('a.md', article('title: A\nlanguage: en').replaceAll('\n', '\r\n'));
  await write('notes.txt', 'nothing');
  expect(await loadHelp(dir)).toMatchObject([{ id: 'a', keywords: [] }]);
});

test('every wrong file is named at once, with its field and the mend', async () => {
  await write('a.md', article('language: english\nkeywords: [429]'));
  await write('b.md', article('title: B\nlanguage: en', ' '));
  await write('c.md', 'no front matter');
  await write('d.md', article('title: [unclosed'));
  await write('Upper Case.md', article('title: E\nlanguage: en'));
  await write('f.md', article('title: F\nlanguage: en\nkeyword: [x]'));
  expect((await problems()).sort()).toEqual([
    expect.stringMatching(/^Upper Case\.md: name it in small letters/),
    expect.stringMatching(/^a\.md keywords\.0: expected a list of words .*a number in quotes, got a number/),
    expect.stringMatching(/^a\.md language: expected a language of two small letters, such as en/),
    expect.stringMatching(/^a\.md title: expected what the article is about/),
    expect.stringMatching(/^b\.md body: write the answer/),
    expect.stringMatching(/^c\.md: begin with "---"/),
    expect.stringMatching(/^d\.md: .*not YAML/),
    expect.stringMatching(/^f\.md: expected title, language and keywords, nothing else/),
  ]);
});

test('a folder that is not there is said with the setting that names it', async () => {
  await expect(loadHelp(join(dir, 'gone'))).rejects.toThrow(/STEWARD_HELP_DIR: there is no folder .*gone/);
});

test('our own articles: a translation says its language in its name and has an English original', async () => {
  const articles = await loadHelp('help');
  const ids = articles.map((a) => a.id);
  expect(ids.length).toBeGreaterThan(20);
  for (const { id, language } of articles) {
    const [original = '', suffix = 'en'] = id.split('.');
    expect([id, suffix]).toEqual([id, language]);
    expect(ids).toContain(original);
  }
});
