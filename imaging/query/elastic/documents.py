"""Documents of the index, made of the rows that are held now.

A document has the address of what it describes as its id, so that an entry of the
change feed names the documents that it touches, whether the rows are still there or
not. Nothing is remembered of what a document was before.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from core.database import raw_connection
from imaging.levels import Level
from imaging.query.elastic import tag_values
from imaging.query.elastic.fields import (
    EXPRESSIONS,
    ITEMS,
    LEVELS,
    ODD,
    ODD_WORDS,
    TAG_WORDS,
    WORDS,
    columns,
    facet_columns,
    field_of,
    item_columns,
    levels_of,
)
from imaging.query.word_conditions import all_tag_words, all_words

StudyKey = tuple[int, str]
"""Partition and StudyInstanceUID."""

LONGEST_TEXT: Final = 32_766  # bytes of UTF-8 that Lucene takes as one term
LEAST_NUMBER: Final = -(2**63)  # stands for none where documents are sorted
MOST_ITEMS: Final = 1000
MOST_WORDS: Final = 10_000
PAGE: Final = 2000
SERIES_AT_ONCE: Final = 500

# What worklists lead to changes with workitems, whose entries name no study: whoever
# reaches studies by one the database answers (`has_unfollowed`).
_LED: Final = (
    "core_scopedstudy seen JOIN core_scope scope"
    " ON scope.id = seen.scope_id AND scope.kind <> 'worklist'"
)


class Document(NamedTuple):
    """A document and where it belongs; without fields where there is to be none."""

    level: Level
    id: str
    fields: Mapping[str, Any]


def id_of(partition_id: int, *uids: str) -> str:
    """Return the id of the document of a study, or of a series in it."""
    return "/".join((str(partition_id), *uids))


def read_studies(keys: Sequence[StudyKey]) -> Iterator[Document]:
    """Yield the documents of the studies that are held of these."""
    given = [list(column) for column in zip(*keys, strict=True)]
    yield from _read(Level.STUDY, _STUDIES, given)


def read_series(keys: Sequence[StudyKey]) -> Iterator[Document]:
    """Yield the documents of all series of these studies, in the order of their keys.

    Some at once: a study may have very many, each with what is long.
    """
    given = [list(column) for column in zip(*keys, strict=True)]
    after = 0
    while True:
        page = list(_read(Level.SERIES, _SERIES, [*given, after, SERIES_AT_ONCE]))
        yield from page
        if len(page) < SERIES_AT_ONCE:
            return
        after = page[-1].fields["key"]


def read_all(level: Level) -> Iterator[Document]:
    """Yield the documents of all rows, in the order of their keys."""
    key = _COLUMNS[level][0]
    after = 0
    while True:
        rest = f"WHERE {key} > %s ORDER BY {key} LIMIT %s"
        page = list(_read(level, f"{_ALL[level]} {rest}", [after, PAGE]))
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].fields["key"]


def keys_from(after: int, limit: int) -> list[tuple[int, StudyKey]]:
    """Return the next studies in the order of their keys, with these."""
    rows = raw_connection().execute(
        "SELECT id, partition_id, study_instance_uid FROM imaging_study"
        " WHERE id > %s ORDER BY id LIMIT %s",
        (after, limit),
    )
    return [(key, (partition_id, uid)) for key, partition_id, uid in rows]


def keys_in_scope(scope: int) -> Iterator[tuple[int, StudyKey]]:
    """Yield the studies that a scope leads to, in the order of their keys."""
    after = 0
    while True:
        rows = (
            raw_connection()
            .execute(
                "SELECT study_id, seen.partition_id, study_instance_uid"  # noqa: S608 own names
                f" FROM {_LED} WHERE scope_id = %s AND study_id > %s"
                " ORDER BY study_id LIMIT %s",
                (scope, after, PAGE),
            )
            .fetchall()
        )
        yield from ((key, (partition_id, uid)) for key, partition_id, uid in rows)
        if len(rows) < PAGE:
            return
        after = rows[-1][0]


def has_unfollowed(scopes: Sequence[int]) -> bool:
    """Return whether any of the scopes is one that documents do not name."""
    row = (
        raw_connection()
        .execute(
            "SELECT EXISTS (SELECT FROM core_scope"
            " WHERE id = ANY(%s::bigint[]) AND kind = 'worklist')",
            (list(scopes),),
        )
        .fetchone()
    )
    return row == (True,)


def ready_tags() -> list[int]:
    """Return the keys of the query tags whose values new documents have."""
    ((found,),) = raw_connection().execute(f"SELECT {tag_values.READY}").fetchall()
    return [tag for tag, _level in found or ()]


def document(level: Level, row: Sequence[Any]) -> Document:
    """Return the document of a row of `_select`."""
    names = _NAMES[level]
    values = dict(zip(names, row, strict=True))
    tags = [values.pop(name) for _, name in tag_values.selected(level)]
    uids = [values["study_instance_uid"]]
    if level is Level.SERIES:
        uids.append(values["series_instance_uid"])
        arrays = [values.pop(name) for name in item_columns()]
        values[ITEMS] = [
            dict(zip(item_columns(), item, strict=True))
            for item in zip(*arrays, strict=True)
        ]
    fields = {**dict(_plain(values)), **tag_values.fields_of(*tags)}
    return Document(level, id_of(values["partition_id"], *uids), fields)


def _plain(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield fields as Elasticsearch takes them; of what it does not, that there is."""
    odd = odd_words = False
    for name, value in values.items():
        if value is None:
            continue
        if name in {WORDS, TAG_WORDS}:
            odd_words |= len(value) > MOST_WORDS
            yield name, value[:MOST_WORDS]
        elif _is_odd(value):
            odd = True
        else:
            yield name, value
    yield ODD, odd
    yield ODD_WORDS, odd_words


def _is_odd(value: object) -> bool:
    if isinstance(value, str):
        # No look at the bytes of what is short enough, whatever it is made of.
        return len(value) * 4 > LONGEST_TEXT and len(value.encode()) > LONGEST_TEXT
    if isinstance(value, dict):
        return any(map(_is_odd, value.values()))
    if isinstance(value, list):
        return len(value) > MOST_ITEMS or any(map(_is_odd, value))
    return value == LEAST_NUMBER


def _read(level: Level, source: str, given: Sequence[Any]) -> Iterator[Document]:
    cursor = raw_connection().cursor(binary=True)
    statement = f"SELECT {', '.join(_COLUMNS[level])} FROM {source}"  # noqa: S608 own names
    for row in cursor.execute(statement, given):
        yield document(level, row)


def _selected(level: Level) -> Iterator[tuple[str, str]]:
    """Yield what is read of a row, and the name of the field."""
    yield ("s.id" if level is Level.STUDY else "e.id"), "key"
    yield "s.partition_id", "partition_id"
    yield (
        (
            f"ARRAY(SELECT scope_id FROM {_LED} WHERE study_id = s.id"  # noqa: S608 own names
            " ORDER BY scope_id)"
        ),
        "scopes",
    )
    yield all_words(level, MOST_WORDS + 1), WORDS
    yield all_tag_words(level, MOST_WORDS + 1), TAG_WORDS
    for each in levels_of(level):
        yield from ((column, field_of(column)) for column in columns(each))
    for expression, name in EXPRESSIONS.items():
        if level is Level.SERIES or "e." not in expression:
            yield expression, name
    if level is Level.STUDY:
        yield from ((column, each.field) for column, each in facet_columns().items())
    if level is Level.SERIES:
        yield from ((array, name) for name, array in item_columns().items())
    yield from tag_values.selected(level)


_COLUMNS: Final = {
    level: [expression for expression, _ in _selected(level)] for level in LEVELS
}
_NAMES: Final = {level: [name for _, name in _selected(level)] for level in LEVELS}
_ALL: Final = {
    Level.STUDY: "imaging_study s",
    Level.SERIES: "imaging_series e JOIN imaging_study s ON s.id = e.study_id",
}
_STUDIES: Final = (
    "unnest(%s::bigint[], %s::text[]) AS wanted (partition_id, uid)"
    " JOIN imaging_study s ON s.partition_id = wanted.partition_id"
    " AND s.study_instance_uid = wanted.uid"
)
_SERIES: Final = (
    f"{_STUDIES} JOIN imaging_series e ON e.study_id = s.id"
    " WHERE e.id > %s ORDER BY e.id LIMIT %s"
)
