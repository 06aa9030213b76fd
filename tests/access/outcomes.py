"""What came of a request, in one short word, and tables of such words.

The word begins with the status or code. ``s`` tells that the study is seen in the
answer, which the address did not name, ``p`` that the patient or the pixels are, ``o``
an operation; ``!`` that something has changed.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from django.db.models import Max

from core.access import ANONYMOUS
from core.models import AuditRecord
from tests.access.cast import (
    COLUMNS,
    INSTANCE,
    PATIENT_TEXTS,
    PIXELS,
    SERIES,
    SHUT_OUT,
    STUDY,
    Cast,
)

Row = tuple[str, ...]
Table = Mapping[str, Mapping[str, str]]
"""Words by what is asked and by who asks."""

QUIET: Final = frozenset({"200", "200o", "202", "204", "quiet"})
"""What tells nothing of patients, changes nothing, and was refused to nobody."""
SEEN: Final = tuple(uid.encode() for uid in (STUDY, SERIES, INSTANCE))


def word(status: object, request: bytes, answer: bytes, cast: Cast) -> str:
    """Return what an answer shows that the request did not."""
    found = str(status)
    if any(uid in answer for uid in SEEN if uid not in request):
        found += "s"
    if any(text in answer for text in (*PATIENT_TEXTS, PIXELS)):
        found += "p"
    keys = [str(each.pk).encode() for each in cast.operations.values()]
    if any(key in answer for key in keys if key not in request):
        found += "o"
    return found


def read(path: Path) -> Table:
    """Return a table: lines of what is asked, then one of words for all of them.

    The first line names the columns (`COLUMNS`); a line of words begins with a colon.
    """
    table: dict[str, Mapping[str, str]] = {}
    columns: list[str] = []
    waiting: list[str] = []
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("who"):
            columns = line.split()[1:]
        elif line.startswith(":"):
            words = dict(zip(columns, line[1:].split(), strict=True))
            everybody = {
                name: words[column]
                for column, names in COLUMNS.items()
                for name in names
            }
            table |= dict.fromkeys(waiting, everybody)
            waiting = []
        elif line and not line.startswith("#"):
            assert line not in table, line
            waiting.append(line)
    assert not waiting, waiting
    return table


def written(table: Table) -> str:
    """Return a table as `read` reads it; to be looked at before it is committed."""
    groups: dict[Row, list[str]] = {}
    for asked, words in table.items():
        row = tuple(
            "|".join(sorted({words[name] for name in names}))
            for names in COLUMNS.values()
        )
        groups.setdefault(row, []).append(asked)
    lines = ["who " + _spread(COLUMNS)]
    for row, several in groups.items():
        lines += ["", *several, ":   " + _spread(row)]
    return "\n".join(lines) + "\n"


def _spread(cells: Iterable[str]) -> str:
    return " ".join(cell.ljust(7) for cell in cells).rstrip()


def checked(found: Table, path: Path) -> None:
    """Compare what was found with the table; write it down where that is asked for."""
    if folder := os.environ.get("PORTAL_MATRIX"):
        text = written(found)
        Path(folder).mkdir(exist_ok=True)
        name = os.environ["PYTEST_CURRENT_TEST"].rpartition("::")[2].split()[0]
        (Path(folder) / f"{name}.txt").write_text(text, "utf-8")
    assert differences(found, read(path)) == []


def differences(found: Table, expected: Table) -> list[str]:
    """Return where what was found is not what the table says."""
    return [
        f"{asked}  {name}: {got}, not {expected.get(asked, {}).get(name, 'known')}"
        for asked, words in found.items()
        for name, got in words.items()
        if got != expected.get(asked, {}).get(name)
    ]


def last_audited() -> int:
    """Return the key of the last line of the audit log."""
    return AuditRecord.objects.aggregate(last=Max("pk"))["last"] or 0


def unaudited(words: Mapping[str, str], since: int) -> list[str]:
    """Return who saw or changed something, or was refused, without a line of it."""
    listed = set(
        AuditRecord.objects.filter(pk__gt=since).values_list("actor", flat=True)
    )
    return [
        name
        for name, found in words.items()
        if found not in QUIET
        and (ANONYMOUS.name if name in SHUT_OUT else name) not in listed
    ]
