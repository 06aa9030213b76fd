"""Conditions on rows, in the SQL of delta-rs.

Each names the range of what it looks for as well: by that files are passed over whose
values lie outside of it, however long the list is.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable

from imaging.lake.history import Place
from imaging.lake.rows import StudyKey


def of_versions(places: Collection[Place], months: Collection[str]) -> str:
    """Return the condition on rows of versions, stored in certain months."""
    by_partition: defaultdict[int, set[int]] = defaultdict(set)
    for place in places:
        by_partition[place.partition_id].add(place.version_id)
    return _any(
        f"partition_id = {partition_id} AND month IN ({_texts(months)})"
        f" AND {_numbers('version_id', ids)}"
        for partition_id, ids in sorted(by_partition.items())
    )


def of_studies(keys: Collection[StudyKey]) -> str:
    """Return the condition on rows of studies, and of what lies below them."""
    by_partition: defaultdict[int, set[str]] = defaultdict(set)
    for partition_id, uid in keys:
        by_partition[partition_id].add(uid)
    return _any(
        f"partition_id = {partition_id} AND study_instance_uid >= {text(min(uids))}"
        f" AND study_instance_uid <= {text(max(uids))}"
        f" AND study_instance_uid IN ({_texts(uids)})"
        for partition_id, uids in sorted(by_partition.items())
    )


def of_entries(seqs: Collection[int], months: Collection[str]) -> str:
    """Return the condition on rows of entries, of certain months."""
    return f"month IN ({_texts(months)}) AND {_numbers('seq', seqs)}"


def of_part(partition_id: int | None, month: str) -> str:
    """Return the condition on all rows of a partition and month."""
    whose = "IS NULL" if partition_id is None else f"= {partition_id}"
    return f"partition_id {whose} AND month = {text(month)}"


def text(value: str) -> str:
    """Return text as a literal."""
    return "'" + value.replace("'", "''") + "'"


def _texts(values: Collection[str]) -> str:
    return ", ".join(text(value) for value in sorted(values))


def _numbers(column: str, values: Collection[int]) -> str:
    listed = ", ".join(str(value) for value in sorted(values))
    return (
        f"{column} >= {min(values)} AND {column} <= {max(values)}"
        f" AND {column} IN ({listed})"
    )


def _any(conditions: Iterable[str]) -> str:
    return " OR ".join(f"({condition})" for condition in conditions)
