"""Partitions can be renamed, disabled and deleted; a deleted one stays as a row."""

from typing import ClassVar

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A name is unique among those that are not deleted."""

    dependencies: ClassVar = [("core", "0003_append_rows")]
    operations: ClassVar = [
        migrations.AddField(
            "partition",
            "disabled_at",
            models.DateTimeField(
                null=True,
                blank=True,
                editable=False,
                help_text="Since when nothing in it is read or stored; "
                "empty: it is in use.",
            ),
        ),
        migrations.AddField(
            "partition",
            "deleted_at",
            models.DateTimeField(null=True, blank=True, editable=False),
        ),
        migrations.AlterField(
            "partition",
            "name",
            models.CharField(
                max_length=64,
                validators=[
                    django.core.validators.RegexValidator(
                        "\\A[A-Za-z0-9_.-]{1,64}\\Z"
                    )
                ],
                help_text="Its name in addresses: A-Z, a-z, 0-9, '_', '.' and '-'.",
            ),
        ),
        migrations.AddConstraint(
            "partition",
            models.UniqueConstraint(
                fields=["name"],
                condition=models.Q(deleted_at=None),
                name="core_partition_name",
            ),
        ),
        migrations.CreateModel(
            "FormerPartitionName",
            [
                (
                    "name",
                    models.CharField(
                        max_length=64, primary_key=True, serialize=False
                    ),
                ),
                ("given_up_at", models.DateTimeField()),
                (
                    "partition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="former_names",
                        to="core.partition",
                    ),
                ),
            ],
            options={"ordering": ["name"]},
        ),
    ]
