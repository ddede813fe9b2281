-- Up Migration

-- Scores of ten digits were fingerprints of the words that they were of. From now on they come with two, and what is stored is made like them.
create function coarsened(value jsonb) returns jsonb language plpgsql immutable as $$
begin
  return case jsonb_typeof(value)
    when 'number' then to_jsonb(trim_scale(round((value #>> '{}')::numeric, 2)))
    when 'object' then (select coalesce(jsonb_object_agg(key, coarsened(item)), '{}') from jsonb_each(value) as e(key, item))
    when 'array' then
      (select coalesce(jsonb_agg(coarsened(item) order by place), '[]') from jsonb_array_elements(value) with ordinality as e(item, place))
    else value
  end;
end
$$;

update tickets set facts = coarsened(facts)
  where jsonb_path_exists(facts, '$.** ? (@.type() == "number" && @ * 100 % 1 != 0)');
update timeline set facts = coarsened(facts)
  where jsonb_path_exists(facts, '$.** ? (@.type() == "number" && @ * 100 % 1 != 0)');
update tickets set platform_score = round(platform_score::numeric, 2) where platform_score <> round(platform_score::numeric, 2)::float8;

drop function coarsened(jsonb);

-- Down Migration
-- What was taken off is nowhere any more.
