"""The statements of imports from archives: what is in one is written down, and read."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from core.database import as_rows, raw_connection
from imaging.outside.zip_reading import Member
from imaging.restore.lines import MANIFEST, Line

AFTER_ALL_LINES: Final = 1 << 40
"""What no manifest names comes after it, in the order of the archive."""

_LARGEST: Final = 2**63 - 1  # that the database keeps

DOUBLE: Final = "The archive has another file of this name before it."
MISSING: Final = "The archive has no such file."
NOT_LISTED: Final = "The manifest does not name it."

_COLUMNS: Final = (
    "operation_id, number, position, path, flags, method, checksum, compressed, size,"
    ' "offset", sha256, error'
)
_ROW: Final = (
    "(number bigint, position bigint, path text, flags int, method int,"
    " checksum bigint, compressed bigint, size bigint, where_ bigint, error text)"
)
# One of a name that was there before gets a name of its own, and is refused.
_WRITE: Final = f"""
INSERT INTO imaging_archivemember ({_COLUMNS})
SELECT %(operation)s, new.number, new.position,
  CASE WHEN double.is_so THEN new.path || ' (again, ' || new.number || ')'
  ELSE new.path END,
  new.flags, new.method, new.checksum, new.compressed, new.size, new.where_, '',
  CASE WHEN double.is_so THEN %(double)s ELSE new.error END
FROM json_to_recordset(%(rows)s::json) AS new {_ROW}
CROSS JOIN LATERAL (SELECT new.error <> '' OR EXISTS (
  SELECT FROM imaging_archivemember held WHERE held.operation_id = %(operation)s
  AND held.path = new.path AND held.number < new.number) AS is_so) AS double
ON CONFLICT (operation_id, number) DO NOTHING
"""  # noqa: S608 constants
_CHECK: Final = f"""
WITH line AS MATERIALIZED (SELECT * FROM json_to_recordset(%(lines)s::json)
  AS line (position bigint, path text, size bigint, sha256 text)),
known AS (
UPDATE imaging_archivemember held
SET position = line.position, sha256 = line.sha256,
  error = CASE WHEN line.size = held.size THEN '' ELSE %(different)s END
FROM line WHERE held.operation_id = %(operation)s AND held.path = line.path
RETURNING held.path)
INSERT INTO imaging_archivemember ({_COLUMNS})
SELECT %(operation)s, -line.position, line.position, line.path, 0, 0, 0, 0, 0, 0, '',
  %(missing)s
FROM line WHERE NOT EXISTS (SELECT FROM known WHERE known.path = line.path)
ON CONFLICT (operation_id, number) DO NOTHING
"""  # noqa: S608 constants
_REFUSE: Final = """
UPDATE imaging_archivemember SET error = %s
WHERE operation_id = %s AND position >= %s AND path ^@ %s AND error = ''
  AND path <> %s AND right(path, %s) <> %s
"""
_SELECT: Final = (
    "SELECT number, position, path, flags, method, checksum, compressed, size,"
    ' "offset", sha256, error FROM imaging_archivemember'
)
_IS_MANIFEST: Final = (MANIFEST, len(MANIFEST) + 1, f"/{MANIFEST}")
_MANIFESTS: Final = f"""
{_SELECT} WHERE operation_id = %s AND number >= 0
  AND (path = %s OR right(path, %s) = %s)
ORDER BY number LIMIT %s
"""
_NEXT: Final = f"""
{_SELECT}
WHERE operation_id = %s AND (position, number) > (%s, %s)
ORDER BY position, number LIMIT %s
"""


class Listed(NamedTuple):
    """A file that is to be taken, or is refused."""

    number: int
    position: int
    path: str
    flags: int
    method: int
    checksum: int
    compressed: int
    size: int
    offset: int
    sha256: str
    error: str

    @property
    def member(self) -> Member:
        """Return it as the archive's directory has it."""
        return Member(
            self.path, self.flags, self.method, self.checksum, self.compressed,
            self.size, self.offset,
        )  # fmt: skip


def row_of(
    number: int, path: str, member: Member, *, is_double: bool
) -> Mapping[str, Any]:
    """Return what `write_members` writes of a file.

    Parameters
    ----------
    is_double
        Whether another one that is written with it has the same path.
    """
    return {
        "number": number,
        "position": AFTER_ALL_LINES + number,
        "path": path,
        "flags": member.flags,
        "method": member.method,
        "checksum": member.checksum,
        "compressed": min(member.compressed, _LARGEST),
        "size": min(member.size, _LARGEST),
        "where_": min(member.offset, _LARGEST),
        "error": DOUBLE if is_double else "",
    }


def write_members(operation_id: UUID, rows: Collection[Mapping[str, Any]]) -> None:
    """Write files of an archive down; the same again changes nothing."""
    values = {"operation": operation_id, "rows": as_rows(rows), "double": DOUBLE}
    raw_connection().execute(_WRITE, values)


def write_lines(
    operation_id: UUID, lines: Collection[tuple[int, Line]], different: str
) -> None:
    """Have files be those that lines of a manifest name, in its order."""
    rows = ({"position": at, "path": each.path, "size": each.size,
             "sha256": each.sha256} for at, each in lines)  # fmt: skip
    values = {
        "operation": operation_id,
        "lines": as_rows(rows),
        "different": different,
        "missing": MISSING,
    }
    raw_connection().execute(_CHECK, values)


def refuse_unlisted(operation_id: UUID, folder: str) -> None:
    """Refuse the files of a folder of the archive that its manifest does not name."""
    values = [NOT_LISTED, operation_id, AFTER_ALL_LINES, folder, *_IS_MANIFEST]
    raw_connection().execute(_REFUSE, values)


def manifests(operation_id: UUID, limit: int) -> Sequence[Listed]:
    """Return the manifests of an archive, in the order in which they lie there."""
    values = [operation_id, *_IS_MANIFEST, limit]
    rows = raw_connection().execute(_MANIFESTS, values).fetchall()
    return [Listed(*row) for row in rows]


def next_members(
    operation_id: UUID, after: tuple[int, int], limit: int
) -> Sequence[Listed]:
    """Return the files that come after one, in the order in which they are taken."""
    values = [operation_id, *after, limit]
    rows = raw_connection().execute(_NEXT, values).fetchall()
    return [Listed(*row) for row in rows]
