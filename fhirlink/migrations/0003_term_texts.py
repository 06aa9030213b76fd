"""Texts of terms, and the hash that makes terms, for the database itself."""

from django.db import migrations, models

import imaging.models.fields

# As `fhirlink.search.slots.hashed`: the first 64 bits of SHA-256.
FORWARD = """
CREATE FUNCTION fhirlink_term(text) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ('x' || encode(substr(sha256(convert_to($1, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint
"""


class Migration(migrations.Migration):
    """A table and a function."""

    dependencies = [("fhirlink", "0002_storage")]
    operations = [
        migrations.CreateModel(
            name="TermText",
            fields=[
                ("term", models.BigIntegerField(primary_key=True, serialize=False)),
                ("slot", models.BigIntegerField()),
                (
                    "text",
                    imaging.models.fields.Text(
                        blank=True, db_collation="C", db_default="", default=""
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["slot", "text", "term"], name="fhirlink_termtext_at"
                    )
                ],
            },
        ),
        migrations.RunSQL(FORWARD, "DROP FUNCTION fhirlink_term(text)"),
    ]
