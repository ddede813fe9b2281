-- Up Migration

-- Do these words hold what a ticket's customer is known by? For whoever may not read that, so that nobody writes it where it stays. Of a
-- name, all of it in any letters, or a part that is written as a name.
create function task_names_customer(ticket text, words text) returns boolean
language sql stable security definer set search_path = public, pg_temp as $$
  -- No longer than a question, so that it is no means of finding out a name.
  select length(words) <= 200 and exists (
    select 1 from tickets t join customers c on c.id = t.customer_id
    where t.id = ticket and c.erased_at is null and (
      (length(c.id) >= 3 and position(lower(c.id) in lower(words)) > 0)
      or (length(c.email) >= 3 and position(lower(c.email) in lower(words)) > 0)
      or (length(regexp_replace(c.phone, '\D', '', 'g')) >= 7
        and position(right(regexp_replace(c.phone, '\D', '', 'g'), 7) in regexp_replace(words, '(?<=\d)[ ().\u00a0/-]+(?=\d)', '', 'g')) > 0)
      or (length(c.name) >= 3 and position(lower(c.name) in lower(words)) > 0)
      or exists (select 1 from regexp_split_to_table(c.name, '[^[:alpha:]]+') as part
        where length(part) >= 3 and lower(part) not in ('von', 'van', 'der', 'den', 'dem', 'del', 'della', 'dos', 'das', 'the', 'and', 'und')
          and words ~ ('\m' || upper(left(part, 1)) || lower(substr(part, 2)) || '\M'))
    ))
$$;

-- Down Migration
drop function task_names_customer(text, text);
