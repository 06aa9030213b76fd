"""By which word a search begins: the one that few have, if there is any.

All that have it are then found by an index; where all words are frequent, going down
the rows in their order finds a page sooner. How many have a word PostgreSQL estimates,
by what it keeps of the most frequent ones.
"""

from dataclasses import replace
from typing import Any, Final

from core.database import raw_connection
from imaging.levels import Level
from imaging.query.parse import Query
from imaging.query.word_conditions import rows_with, sources_of
from imaging.query.words import FreeText

_ALWAYS_FEW: Final = 1000  # rows, looked up sooner than anything else is done
_TABLE: Final = {Level.STUDY: "imaging_study", Level.SERIES: "imaging_series"}


def begun_by_word(query: Query, *, wanted: int | None) -> Query:
    """Return the search so that it begins by its rarest word, where that is quicker.

    Parameters
    ----------
    wanted
        How many rows are enough; None for all.
    """
    if not query.free_text or query.keys is not None or query.below is not None:
        return query
    chosen = [_begun(free, wanted) for free in query.free_text]
    return replace(query, free_text=tuple(chosen))


def _begun(free: FreeText, wanted: int | None) -> FreeText:
    *found, total = _estimates(free)
    rarest = min(range(len(found)), key=found.__getitem__)
    # So many rows are looked at before as many are found as are wanted.
    looked_at = total if wanted is None else wanted
    for number in found if wanted is not None else ():
        looked_at *= max(1.0, total / max(number, 1.0))
    is_few = found[rarest] <= max(_ALWAYS_FEW, min(looked_at, total) / 2)
    return free._replace(rare=rarest) if is_few else free


def _estimates(free: FreeText) -> list[float]:
    """Return how many rows have each word, about, and how many there are."""
    sources = sources_of(free)
    arrays, parameters = [], list[Any]()
    for word in free.words:
        parts = [rows_with(source, word, "1") for source in sources]
        arrays.append(f"ARRAY({' UNION ALL '.join(text for text, _ in parts)})")
        parameters += [value for _, values in parts for value in values]
    arrays.append(f"ARRAY(SELECT 1 FROM {_TABLE[free.level]} w)")  # noqa: S608 own names
    asked = f"EXPLAIN (FORMAT JSON) SELECT {', '.join(arrays)}"
    with raw_connection().cursor(binary=True) as cursor:
        row = cursor.execute(asked, parameters, prepare=False).fetchone()
    assert row is not None  # noqa: S101 it always answers
    return [float(part["Plan Rows"]) for part in row[0][0]["Plan"]["Plans"]]
