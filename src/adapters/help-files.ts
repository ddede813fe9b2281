import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Article } from '../domain/article.ts';
import { type Problem, StewardError, sayProblems } from '../domain/errors.ts';
import { check } from '../schema/problems.ts';

const FRONT_MATTER = /^---\r?\n([\s\S]*?)\r?\n---\r?\n([\s\S]*)$/;
const FILE_NAME = /^([a-z0-9]+(?:[-.][a-z0-9]+)*)\.md$/;

const text = (what: string) => z.string({ error: what }).trim().min(1, { error: what });
const KEYWORDS = 'a list of words such as [invoice, receipt]; a number in quotes';
const Head = z.strictObject(
  {
    title: text('what the article is about, in a line'),
    language: z.string({ error: 'a language of two letters, such as en' }).regex(/^[a-z]{2}$/, {
      error: 'a language of two small letters, such as en',
    }),
    keywords: z.array(text(KEYWORDS), { error: KEYWORDS }).default([]),
  },
  { error: 'title, language and keywords, nothing else' },
);

/**
 * The help articles of a folder, by id: each `*.md` is one, its name the id.
 * @throws StewardError InvalidConfig naming every wrong file, its field and the mend.
 */
export async function loadHelp(dir: string): Promise<Article[]> {
  const names = await readdir(dir).catch((cause: unknown) => {
    throw new StewardError('InvalidConfig', `STEWARD_HELP_DIR: there is no folder ${dir} to read`, { cause });
  });
  const files = names.filter((name) => name.endsWith('.md')).sort();
  const read = await Promise.all(files.map(async (name) => readArticle(name, await readFile(join(dir, name), 'utf8'))));
  const problems = read.flatMap((result) => ('problems' in result ? result.problems : []));
  if (problems.length > 0) {
    throw new StewardError('InvalidConfig', `help articles in ${dir}: ${sayProblems(problems)}`, { problems });
  }
  return read.flatMap((result) => ('article' in result ? [result.article] : []));
}

type Read = { readonly article: Article } | { readonly problems: readonly Problem[] };

function readArticle(file: string, source: string): Read {
  const id = FILE_NAME.exec(file)?.[1];
  if (id === undefined)
    return wrong(file, 'name it in small letters, digits and hyphens, such as reset-password.de.md');
  const [, head, body] = FRONT_MATTER.exec(source) ?? [];
  if (head === undefined || body === undefined) {
    return wrong(file, 'begin with "---", title:, language: and keywords:, "---", then the text');
  }
  if (body.trim() === '') return wrong(`${file} body`, 'write the answer below the second "---"');
  let settings: unknown;
  try {
    settings = parse(head);
  } catch {
    return wrong(file, 'the lines between "---" are not YAML; put the title in quotes');
  }
  const checked = check(Head, settings);
  if ('problems' in checked) {
    // `event` is what the check calls the whole of what it was given.
    return {
      problems: checked.problems.map((p) => ({ ...p, field: p.field === 'event' ? file : `${file} ${p.field}` })),
    };
  }
  return { article: { id, ...checked.data, body: body.trim() } };
}

function wrong(field: string, message: string): Read {
  return { problems: [{ field, message }] };
}
