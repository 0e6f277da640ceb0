-- The two tables of notes of OMOP CDM 5.4, in a schema of their own. `note_nlp_id` has 64 bits, as
-- docs/etl-databases.md says; foreign keys to the rest of the CDM are left to who has the rest.
create schema omop;

create table omop.note (
  note_id integer primary key,
  person_id integer not null,
  note_date date not null,
  note_datetime timestamp,
  note_type_concept_id integer not null,
  note_class_concept_id integer not null,
  note_title varchar(250),
  note_text text not null,
  encoding_concept_id integer not null,
  language_concept_id integer not null,
  provider_id integer,
  visit_occurrence_id integer,
  visit_detail_id integer,
  note_source_value varchar(50),
  note_event_id bigint,
  note_event_field_concept_id integer
);

create table omop.note_nlp (
  note_nlp_id bigint primary key,
  note_id integer not null,
  section_concept_id integer,
  snippet varchar(250),
  "offset" varchar(50),
  lexical_variant varchar(250) not null,
  note_nlp_concept_id integer,
  note_nlp_source_concept_id integer,
  nlp_system varchar(250),
  nlp_date date not null,
  nlp_datetime timestamp,
  term_exists varchar(1),
  term_temporal varchar(50),
  term_modifiers varchar(2000)
);

create index on omop.note_nlp (note_id);
