-- The sample notes as OMOP notes. The separator is a character that no JSON line holds.
create temporary table sample (line jsonb);
copy sample from '/sample/notes.jsonl' with (format csv, quote e'\x01', delimiter e'\x02');
insert into omop.note
select row_number() over (order by line->>'note_id'), 0, current_date, null, 0, 0, null,
       line->>'text', 32678, 4180186, null, null, null, line->>'note_id', null, null
from sample;
