"""What an import takes out of an archive, file by file."""

from typing import ClassVar

from django.db import models

from imaging.models.fields import Text


class ArchiveMember(models.Model):
    """A file of an archive that is imported, or one that its manifest names in vain.

    Written by `imaging.restore.from_zip` before anything is imported, so that archives
    of any size are worked off in steps; removed once that is done. Numbers are as the
    archive says them: nothing of it is believed.
    """

    operation = models.ForeignKey(
        "core.Operation",
        on_delete=models.CASCADE,
        related_name="archive_members",
        db_index=False,
    )
    number = models.BigIntegerField(
        help_text="Which one in the archive; below zero: a line of a manifest only."
    )
    position = models.BigIntegerField(help_text="When it is taken: the manifest first.")
    path = Text(help_text="Its name, shown and compared, never opened.")
    flags = models.IntegerField(default=0)
    method = models.IntegerField(default=0)
    checksum = models.BigIntegerField(default=0)
    compressed = models.BigIntegerField(default=0)
    size = models.BigIntegerField(default=0)
    offset = models.BigIntegerField(default=0)
    sha256 = Text(help_text="What the manifest says; empty: it is not in one.")
    error = Text(help_text="Why it is refused without a look at it.")

    class Meta:
        """Each once; found by name, and in the order in which they are taken."""

        indexes: ClassVar = [
            models.Index(
                fields=["operation", "position", "number"],
                name="imaging_archivemember_order",
            ),
            models.Index(
                fields=["operation", "path"], name="imaging_archivemember_path"
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["operation", "number"], name="imaging_archivemember_once"
            )
        ]

    def __str__(self) -> str:
        """Return its name."""
        return self.path
