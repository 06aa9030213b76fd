"""``python -m tests.hostile 5000 [FIRST]``: hostile requests to a portal of their own.

Prints how each family of requests was answered and, last, what was wrong. A single
request is repeated by its number: ``python -m tests.hostile 1 4711``.
"""

import logging
import os
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from tests.stack import Stack


def main() -> int:
    """Run a campaign; return 1 where the portal did something wrong."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    # Its tables of synthetic objects need Django's settings to be named.
    from tests.hostile.campaign import Campaign, Report  # noqa: PLC0415

    logging.disable(logging.INFO)
    count, first = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    with tempfile.TemporaryDirectory(prefix="portal-hostile-") as folder:
        Path(folder).chmod(0o711)
        stack = Stack(Path(folder) / "data")
        try:
            stack.start()
            report: Report = Campaign(stack).run(range(first, first + count))
        finally:
            stack.stop()
    by_family: dict[str, dict[int, int]] = defaultdict(dict)
    for (family, status), number in sorted(report.answers.items()):
        by_family[family][status] = number
    for family, statuses in by_family.items():
        sys.stdout.write(f"{family:20} {statuses}\n")
    sys.stdout.write(
        f"memory of a worker grew {report.growth_bytes / 1e6:.0f} MB, "
        f"at most {report.peak_bytes / 1e6:.0f} MB\n"
    )
    for fault in report.faults:
        sys.stdout.write(f"WRONG {fault}\n")
    sys.stdout.write(f"{count} requests, {len(report.faults)} wrong\n")
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
