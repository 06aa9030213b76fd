"""Questions to the lake in SQL, answered by DuckDB; loads delta-rs and DuckDB.

One statement that only reads. DuckDB may open the lake's folder and nothing else: no
other file, no network, no extension; what it spills lies in a folder that goes with it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Any, Final

import duckdb
from duckdb import DuckDBPyConnection

from core import audit
from core.access import Actor, Verb, require_everywhere
from core.errors import Invalid
from imaging.lake.places import LakePlace, lake_place
from imaging.lake.predicates import text
from imaging.lake.tables import LakeTable, open_lake, storage_errors

CHUNK_ROWS: Final = 1_000
_TYPES: Final = "{'partition_id': BIGINT, 'month': VARCHAR}"  # of what folders say


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question is answered with; its rows are made as they are taken."""

    columns: tuple[str, ...]
    rows: Iterator[tuple[Any, ...]]


@contextmanager
def ask(*, actor: Actor, question: str) -> Iterator[Answer]:
    """Answer a question about the tables of the lake.

    Side effects: a row of the audit log, with the question.

    Raises
    ------
    Forbidden
        The actor may not see who patients are, everywhere.
    NotFound, Upstream
        There is no lake, or it cannot be reached.
    Invalid
        It is no question, or DuckDB cannot answer it.
    """
    what = "The lake holds data of all partitions, and who patients are."
    require_everywhere(actor, Verb.READ, what)
    require_everywhere(actor, Verb.VIEW_PHI, what)
    place = lake_place()
    detail = "SQL on the lake"
    audit.record(audit.Event(actor, audit.Action.SEARCH, detail=detail, query=question))
    with (
        TemporaryDirectory(prefix="portal-lake-") as spill,
        storage_errors(),
        duckdb.connect(":memory:", config=_config(spill)) as connection,
    ):
        _require_question(connection, question)
        for table in open_lake(place).values():
            _show(connection, table, place, question)
        _lock(connection, place)
        with _understood():
            yield _answer(connection.execute(question))


def _require_question(connection: DuckDBPyConnection, question: str) -> None:
    """Refuse what is not one statement that only reads."""
    with _understood():
        statements = connection.extract_statements(question)
    kinds = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}
    if len(statements) != 1 or statements[0].type not in kinds:
        message = "The lake takes one SELECT at a time: it is written by the feed only."
        raise Invalid(message, path="sql")


@contextmanager
def _understood() -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        raise Invalid(str(error), path="sql") from error


def _answer(connection: DuckDBPyConnection) -> Answer:
    columns = tuple(each[0] for each in connection.description or ())
    return Answer(columns, _rows(connection))


def _rows(connection: DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while chunk := connection.fetchmany(CHUNK_ROWS):
        yield from chunk


def _show(
    connection: DuckDBPyConnection, table: LakeTable, place: LakePlace, question: str
) -> None:
    """Let the question find a table by its name."""
    name = table.definition.name
    files = table.file_uris()
    if place.folder is not None and files:
        listed = ", ".join(text(each) for each in files)
        connection.execute(
            f"CREATE VIEW {name} AS SELECT * FROM read_parquet([{listed}],"  # noqa: S608 our files
            f" hive_partitioning = true, hive_types = {_TYPES}, union_by_name = true)"
        )
    elif place.folder is not None or re.search(rf"\b{name}\b", question, re.IGNORECASE):
        # DuckDB opens no bucket: what it is asked about is read by delta-rs.
        connection.register("held", table.read("SELECT * FROM source"))
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM held")  # noqa: S608 our name
        connection.unregister("held")


def _lock(connection: DuckDBPyConnection, place: LakePlace) -> None:
    """Take from DuckDB all but the lake's folder, for good."""
    if place.folder is not None:
        connection.execute(f"SET allowed_directories = [{text(str(place.folder))}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _config(spill: str) -> dict[str, str | bool | int | float | list[str]]:
    return {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "temp_directory": spill,
        "memory_limit": "1GB",
        "threads": 2,
    }
