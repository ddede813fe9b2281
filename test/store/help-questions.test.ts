import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadHelp } from '../../src/adapters/help-files.ts';
import { type HelpMatch, isSure } from '../../src/domain/resolve.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { createHelpStore } from '../../src/store/help.ts';
import { useDatabase } from '../support/database.ts';

interface Question {
  readonly subject?: string;
  readonly message: string;
  readonly language?: string;
  readonly articles?: readonly string[];
}

const database = useDatabase();
let db: Database;
beforeAll(async () => {
  db = openDatabase({ url: database.url, poolSize: 2 });
  await createHelpStore(db).replaceAll(await loadHelp('help'));
});
afterAll(() => db.destroy());

/** What the bot would answer each question with; null: it would hand over. */
async function answers(name: string, questions: readonly Question[]): Promise<(HelpMatch | null)[]> {
  const rows = questions.map(({ subject, message }, i) => ({
    ticket_id: `${name}-${i}`,
    origin: 'first',
    author: 'customer' as const,
    subject: subject ?? null,
    body: message,
  }));
  await db.insertInto('messages').values(rows).execute();
  const given: (HelpMatch | null)[] = [];
  for (const [i, { language = 'en' }] of questions.entries()) {
    const best = (await createHelpStore(db).search(`${name}-${i}`, language))[0];
    given.push(best && isSure(best) ? best : null);
  }
  return given;
}

test('of our own questions the bot answers at least 80%, and 95% of its answers are right', async () => {
  const questions: Question[] = parse(readFileSync('test/fixtures/help-questions.yaml', 'utf8'));
  const given = await answers('own', questions);
  const told = questions.map(({ subject, articles = [] }, i) => {
    const answer = given[i]?.articleId;
    return { subject, articles, answer, right: answer !== undefined && articles.includes(answer) };
  });
  const right = told.filter((t) => t.right).length;
  const wrong = told.filter((t) => !t.right && t.answer !== undefined).map((t) => `${t.subject} -> ${t.answer}`);
  const missed = told.filter((t) => t.answer === undefined && t.articles.length > 0).map((t) => t.subject);
  const precision = right / (right + wrong.length);
  const recall = right / told.filter((t) => t.articles.length > 0).length;
  console.log(`own questions: precision ${precision.toFixed(2)}, recall ${recall.toFixed(2)}`, { wrong, missed });
  expect(precision).toBeGreaterThanOrEqual(0.95);
  expect(recall).toBeGreaterThanOrEqual(0.8);
});

const BANKING = '../shared/data/intents/banking77-train.csv';
/** Every tenth: the whole of it, tried once, gave 4.4%. */
const SAMPLE = 10;

test.skipIf(!existsSync(BANKING))(
  `of a bank's questions (skipped without ${BANKING}) the bot answers at most 5% by itself`,
  async () => {
    const all = [...readFileSync(BANKING, 'utf8').matchAll(/^(?:"((?:[^"]|"")+)"|([^,"\n]+)),[\w?]+\r?$/gm)].slice(1);
    const questions = all
      .filter((_, i) => i % SAMPLE === 0)
      .map(([, quoted, plain]) => ({ message: (quoted ?? plain ?? '').replaceAll('""', '"') }));
    expect(questions.length).toBeGreaterThan(900);
    const answered = (await answers('bank', questions)).filter((answer) => answer !== null);
    const share = answered.length / questions.length;
    console.log(`a bank's questions: ${answered.length} of ${questions.length} answered, ${(share * 100).toFixed(1)}%`);
    expect(share).toBeLessThanOrEqual(0.05);
  },
);
