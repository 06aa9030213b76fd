"""When each token was last used: that one is not any more is a matter of days."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from core.accounts.noted_uses import NotedUses
from core.database import as_rows, raw_connection


def _write(used_at: Mapping[int, datetime]) -> None:
    # Rows are locked in the order of their keys: two processes write at once.
    rows = [{"id": key, "at": used_at[key]} for key in sorted(used_at)]
    raw_connection().execute(_UPDATE, (as_rows(rows),))


_UPDATE: Final = (
    "WITH used AS (SELECT * FROM json_to_recordset(%s::json)"
    " AS used (id bigint, at timestamptz)),"
    " held AS (SELECT token.id, used.at FROM core_token AS token JOIN used USING (id)"
    " ORDER BY token.id FOR NO KEY UPDATE OF token)"
    " UPDATE core_token SET last_used_at = greatest(last_used_at, held.at)"
    " FROM held WHERE core_token.id = held.id"
)

token_uses: Final = NotedUses[int]("tokens", _write)
