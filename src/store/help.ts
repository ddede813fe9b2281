import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { HelpStore } from '../deps.ts';
import type { Article } from '../domain/article.ts';
import { type Evidence, rankMatches, TOLD_WEIGHT, UNKNOWN_WEIGHT } from '../domain/resolve.ts';
import { SMALL_TALK } from '../domain/small-talk.ts';
import type { Database } from './database.ts';

/** How PostgreSQL cuts the words of a language; languages not named here are taken word by word. */
const CONFIGURATIONS: Readonly<Record<string, string>> = {
  da: 'danish',
  de: 'german',
  en: 'english',
  es: 'spanish',
  fi: 'finnish',
  fr: 'french',
  hu: 'hungarian',
  it: 'italian',
  nl: 'dutch',
  no: 'norwegian',
  pt: 'portuguese',
  ro: 'romanian',
  ru: 'russian',
  sv: 'swedish',
  tr: 'turkish',
};
/** Searched beside the ticket's own language. */
const FALLBACK = 'en';
const MOST_MATCHES = 5;
/** Articles that are compared. The best ones share nearly all words with the question; the rest can't become sure. */
const MOST_FOUND = 10;
/** A question is put at the beginning; what follows is signatures and quotations. Keeps the search fast, in characters. */
const READ_OF_QUESTION = 4_000;

export function createHelpStore(db: Database): HelpStore & {
  /** Makes the table say what the files say. Two processes may do it at once: the second waits, and finds it done. */
  replaceAll(articles: readonly Article[]): Promise<void>;
} {
  return {
    search: async (ticketId, language) => {
      const spoken = language.slice(0, 2).toLowerCase();
      return rankMatches(await findEvidence(db, ticketId, spoken), spoken).slice(0, MOST_MATCHES);
    },

    async article(id) {
      const row = await db
        .selectFrom('help_articles')
        .select(['id', 'title', 'body'])
        .where('id', '=', id)
        .executeTakeFirst();
      return row ?? null;
    },

    replaceAll: (articles) => replaceAll(db, articles),
  };
}

/** The question's words never leave the database: only sums over them do. */
async function findEvidence(db: Database, ticketId: string, language: string): Promise<Evidence[]> {
  const languages = [...new Set([language, FALLBACK])];
  const { rows } = await sql<Evidence>`
    with asked as materialized (
      select l.language, w.word
      from messages m
      cross join unnest(${languages}::text[], ${languages.map(configurationOf)}::regconfig[]) as l (language, configuration)
      cross join unnest(help_words_in(
        l.configuration, left(concat_ws(' . ', m.subject, coalesce(m.new_words, m.body)), ${sql.lit(READ_OF_QUESTION)}))) as w (word)
      where m.ticket_id = ${ticketId} and m.origin = 'first'
      and not exists (select from help_small_talk s where s.language = l.language and s.word = w.word)
    ), articles as (
      select language, count(*)::float8 as n from help_articles where language = any (${languages}) group by language
    ), known as (
      select h.language, h.word, h.article_id, h.named,
        sum(case when h.named then 1 else ${sql.lit(TOLD_WEIGHT)} end) over (partition by h.language, h.word)::float8 as holders
      from asked join help_words h using (language, word)
    ), weighed as (
      select k.*, ln(1 + n / greatest(1, holders)) / ln(1 + n) as rarity from known k join articles using (language)
    ), question as (
      select language, sum(coalesce(rarity, ${sql.lit(UNKNOWN_WEIGHT)}))::float8 as asked
      from asked left join (select distinct language, word, rarity from weighed) w using (language, word)
      -- A number that no article has is a date, a sum, an order.
      where rarity is not null or word !~ '^[0-9]+$'
      group by language
    )
    select a.id as "articleId", a.title, a.language, q.asked,
      coalesce(sum(rarity) filter (where named), 0)::float8 as named,
      coalesce(sum(rarity) filter (where not named), 0)::float8 as told
    from weighed w join question q using (language) join help_articles a on a.id = w.article_id
    group by a.id, q.asked
    order by sum(case when named then rarity else rarity * ${sql.lit(TOLD_WEIGHT)} end) desc
    limit ${sql.lit(MOST_FOUND)}`.execute(db);
  return rows;
}

async function replaceAll(db: Database, articles: readonly Article[]): Promise<void> {
  const rows = JSON.stringify(
    articles.map((article) => ({
      ...article,
      headline: [article.title, ...article.keywords].join(' . '),
      configuration: configurationOf(article.language),
      hash: hashOf(article),
    })),
  );
  const talk = JSON.stringify(
    Object.entries(SMALL_TALK).map(([language, words]) => ({
      language,
      words,
      configuration: configurationOf(language),
    })),
  );
  await db.transaction().execute(async (tx) => {
    await sql`lock table help_articles in share row exclusive mode`.execute(tx);
    const { rows: changed } = await sql<{ id: string }>`
      insert into help_articles (id, language, title, body, hash)
      select id, language, title, body, hash
      from jsonb_to_recordset(${rows}::jsonb) as a(id text, language text, title text, body text, hash text)
      on conflict (id) do update
        set language = excluded.language, title = excluded.title, body = excluded.body, hash = excluded.hash
        where help_articles.hash <> excluded.hash
      returning id`.execute(tx);
    await sql`delete from help_articles where id <> all (${articles.map((a) => a.id)}::text[])`.execute(tx);
    const ids = changed.map((row) => row.id);
    await sql`delete from help_words where article_id = any (${ids}::text[])`.execute(tx);
    await sql`insert into help_words (language, word, article_id, named)
      select language, word, id, bool_or(named)
      from jsonb_to_recordset(${rows}::jsonb) as a(id text, language text, headline text, body text, configuration text),
      lateral (
        select unnest(help_words_in(configuration::regconfig, headline)) as word, true as named
        union all select unnest(help_words_in(configuration::regconfig, body)), false
      ) w
      where id = any (${ids}::text[]) group by language, word, id`.execute(tx);
    await sql`with talk as materialized (
        select language, unnest(help_words_in(configuration::regconfig, words)) as word
        from jsonb_to_recordset(${talk}::jsonb) as t(language text, words text, configuration text)
      ), gone as (
        delete from help_small_talk s where not exists (select from talk t where t.language = s.language and t.word = s.word)
      )
      insert into help_small_talk (language, word) select language, word from talk on conflict do nothing`.execute(tx);
  });
}

function configurationOf(language: string): string {
  return CONFIGURATIONS[language] ?? 'simple';
}

function hashOf({ id, language, title, keywords, body }: Article): string {
  return createHash('sha256')
    .update(JSON.stringify([id, language, title, keywords, body]))
    .digest('hex');
}
