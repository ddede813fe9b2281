-- Up Migration

-- The bot's articles, loaded from help/*.md at start.
create table help_articles (
  id text primary key,
  language text not null,
  title text not null,
  body text not null,
  hash text not null
);

-- Which articles speak of this word, and is it in their title or keywords?
create table help_words (
  language text not null,
  word text not null,
  article_id text not null references help_articles (id) on delete cascade,
  named boolean not null,
  primary key (language, word, article_id)
);
-- What does this article leave behind when it goes?
create index help_words_article on help_words (article_id);

-- Words that say nothing about what is asked: "hello", "please", "problem".
create table help_small_talk (
  language text not null,
  word text not null,
  primary key (language, word)
);

-- The words of a text by full-text search, for articles and questions alike. Addresses say nothing; joined words count apart, or
-- "two-factor" would be three words and "SAML/OIDC" a file name; an accent left out on a telephone makes no other word.
create function help_words_in(configuration regconfig, content text) returns text[]
language sql immutable parallel safe
return array(
  select distinct translate(lexeme, 'àáâãäåçèéêëìíîïñòóôõöùúûüýÿ', 'aaaaaaceeeeiiiinooooouuuuyy')
  from unnest(to_tsvector(
    configuration,
    regexp_replace(regexp_replace(content, '(https?://|www\.)\S+|\S+@\S+', ' ', 'gi'), '[-/\\_.:~]', ' ', 'g')
  ))
);

-- Down Migration
drop function help_words_in;
drop table help_small_talk, help_words, help_articles;
