"""``manage.py storage``: where the bytes of instances lie."""

from collections import Counter
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import PortalError
from imaging.blobs import store
from imaging.blobs.bucket_place import configured_bucket
from imaging.blobs.check import check_storage, storage_name
from imaging.blobs.folder import FolderStore

SHOWN_EVERY: Final = 1_000
FAILURES_SHOWN: Final = 100


class Command(BaseCommand):
    """Look whether the storage works; copy what lies in the folder to a bucket."""

    help = (
        "check: writes, reads, lists and deletes a blob, and says what is wrong. "
        "copy: copies all blobs from PORTAL_BLOBS to the bucket of STORAGE_URL and "
        "compares their SHA-256; the same command again goes on where it stopped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the verbs."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("check", help="look whether the storage works")
        copy = verbs.add_parser("copy", help="copy the folder's blobs to the bucket")
        copy.add_argument(
            "--verify",
            action="store_true",
            help="read what is in the bucket already, too, and compare it",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do what the verb says."""
        if options["verb"] == "check":
            self._check()
        else:
            self._copy(verify=options["verify"])

    def _check(self) -> None:
        self.stdout.write(f"Blobs lie in {storage_name()}.")
        for finding in check_storage():
            if finding.wrong:
                self.stdout.write(f"{finding.step}: {finding.wrong}")
                raise CommandError(finding.advice)
            self.stdout.write(f"{finding.step}: well")

    def _copy(self, *, verify: bool) -> None:
        if configured_bucket() is None:
            message = "Set STORAGE_URL, for this command only, to where to copy."
            raise CommandError(message)
        from imaging.blobs.bucket import BucketStore  # noqa: PLC0415 loads obstore
        from imaging.blobs.copying import FAILED, copy_blobs  # noqa: PLC0415

        target = store()
        assert isinstance(target, BucketStore)  # noqa: S101 one is configured
        counts: Counter[str] = Counter()
        failed = 0
        try:
            source = FolderStore(settings.BLOB_FOLDER)
            for each in copy_blobs(source, target, verify=verify):
                counts[each.outcome.value] += 1
                if each.outcome in FAILED:
                    failed += 1
                    if failed <= FAILURES_SHOWN:
                        self.stdout.write(f"{each.outcome}: {each.held.key}")
                if counts.total() % SHOWN_EVERY == 0:
                    self.stdout.write(f"{counts.total()} blobs")
        except (OSError, PortalError) as error:
            said = str(error).rstrip(".")
            message = f"{said}. It goes on from there when it is started again."
            raise CommandError(message) from error
        for outcome, number in sorted(counts.items()):
            self.stdout.write(f"{number:>8} {outcome}")
        if failed:
            message = f"{failed} blobs are not in the bucket."
            raise CommandError(message)
        self.stdout.write("All that is held is in the bucket.")
