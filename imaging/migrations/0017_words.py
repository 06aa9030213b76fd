"""Have the words of studies, series and values of query tags found by indexes."""

from typing import ClassVar

from django.db import migrations

# Words are what stands between ASCII characters that are no letters and no digits
# (`imaging.query.words`). Of longer ones than anybody can ask for an index takes the
# beginning; what it refuses, a store would fail for.
FUNCTIONS = r"""
CREATE OR REPLACE FUNCTION imaging_words(given text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE words text[] := regexp_split_to_array(
  given, '[\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+'
);
BEGIN
  IF octet_length(given) > 255 THEN
    words := ARRAY(SELECT left(word, 255) FROM unnest(words) AS word);
  END IF;
  RETURN array_to_tsvector(array_remove(words, ''));
END
$$;
-- What PostgreSQL has for this is not immutable for the sake of other types than text.
CREATE OR REPLACE FUNCTION imaging_joined(texts text[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  RETURN array_to_string(texts, ' ');
END
$$;
"""
WITHOUT = """
DROP FUNCTION imaging_words(text);
DROP FUNCTION imaging_joined(text[]);
"""
STUDY = """
lower(left(study_date || ' ' || left(study_date, 4) || ' ' || patient_birth_date
  || ' ' || patient_id_folded || ' ' || issuer_of_patient_id_folded
  || ' ' || accession_number_folded || ' ' || study_id_folded
  || ' ' || patient_name_alphabetic_folded || ' ' || patient_name_ideographic_folded
  || ' ' || patient_name_phonetic_folded
  || ' ' || referring_physician_name_alphabetic_folded
  || ' ' || referring_physician_name_ideographic_folded
  || ' ' || referring_physician_name_phonetic_folded
  || ' ' || study_description_folded, 10240) COLLATE "C")
"""
SERIES = """
lower(left(modality || ' ' || body_part_examined
  || ' ' || manufacturer_model_name_folded
  || ' ' || imaging_joined(scheduled_procedure_step_ids_folded)
  || ' ' || imaging_joined(requested_procedure_ids_folded)
  || ' ' || series_description_folded, 10240) COLLATE "C")
"""
VALUE = """lower(left(coalesce(nullif(long, ''), text), 10240) COLLATE "C")"""


def _index(table: str, text: str, rest: str = "") -> list[migrations.RunSQL]:
    """Return what makes an index beside stores, anew where that was broken off."""
    drop = f"DROP INDEX CONCURRENTLY IF EXISTS {table}_words"
    # Searches read what is pending one by one.
    create = (
        f"CREATE INDEX CONCURRENTLY {table}_words ON {table}"
        f" USING gin (imaging_words({text})) WITH (gin_pending_list_limit = 1024){rest}"
    )
    return [
        migrations.RunSQL(drop, migrations.RunSQL.noop),
        migrations.RunSQL(create, drop),
    ]


class Migration(migrations.Migration):
    """Nothing is written to rows; the indexes are filled while stores go on."""

    atomic = False

    dependencies: ClassVar = [("imaging", "0016_archive_members")]

    operations: ClassVar = [
        migrations.RunSQL(FUNCTIONS, WITHOUT),
        *_index("imaging_study", STUDY),
        *_index("imaging_series", SERIES),
        *_index("imaging_tagvalue", VALUE, " WHERE part < 3"),
    ]
