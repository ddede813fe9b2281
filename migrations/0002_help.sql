-- Up Migration

-- The bot's articles, loaded from help/*.md at start.
create table help_articles (
  id text primary key,
  language text not null,
  title text not null,
  body text not null,
  hash text not null,
  words tsvector not null
);
-- Which articles speak of this?
create index help_articles_words on help_articles using gin (words);

-- Down Migration
drop table help_articles;
