"""An archive of index rows with query tags, without instances: what searches read.

Each series is a pure function of its number, so that what a search finds is known
without asking anybody. One study is stored as any other, and its rows are copied past
all triggers; values of tags are written as `imaging.query_tags` writes them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

import bench.django_setup  # noqa: F401 what follows needs it
from bench.fill import ACTOR, Press
from bench.population import Study
from core.database import raw_connection
from core.partitions import get_or_create_partition
from imaging.commit import Item, commit
from imaging.fold import fold, text_key
from imaging.models import QueryTag, TagStatus
from imaging.numbers import sortable

SERIES_OF_A_STUDY: Final = 10
PARTITION: Final = "default"
MODALITIES: Final = ("CT", "MR", "US", "CR", "PT")
WANTED: Final = 10  # series with the value that is rare in an archive of any size
NUMBERS: Final = 10_000  # that a number may be
PROTOCOLS: Final = 1000
DAYS: Final = 1000
_FIRST_DAY: Final = date(2020, 1, 1)
_TEMPLATE: Final = "template"  # the partition of the one study that is stored
_STUDY_UID: Final = "2.25.90000001"
_SERIES_UID: Final = "2.25.90000002"
_SPREAD: Final = 2_654_435_761  # times a number, it is anywhere below 2 to the 32
_SPAN: Final = 1 << 32


class TagOf(NamedTuple):
    """A query tag of the archive, and which value a study or series has of it."""

    path: str
    vr: str
    level: str
    value: Callable[["Archive", int], str]


def spread(number: int, salt: int, below: int) -> int:
    """Return one of `below` numbers, each as often as others, in no visible order."""
    return (number * (_SPREAD + 2 * salt) % _SPAN) * below >> 32


def position(_archive: "Archive", series: int) -> str:
    """Return one of two values."""
    return ("HFS", "FFS")[spread(series, 1, 2)]


def serial(archive: "Archive", series: int) -> str:
    """Return a value that ten series have, evenly apart, or one of many others."""
    every = archive.number_of_series // WANTED
    return "WANTED" if series % every == every // 2 else f"SN-{spread(series, 2, 997)}"


def protocol(_archive: "Archive", series: int) -> str:
    """Return one of a thousand values that begin alike."""
    return f"Protocol {spread(series, 3, PROTOCOLS):03}"


def duration(_archive: "Archive", series: int) -> str:
    """Return a number."""
    return str(spread(series, 4, NUMBERS))


def procedure(_archive: "Archive", study: int) -> str:
    """Return a value that one study of a hundred has, or half of them, or the rest."""
    place = spread(study, 5, 100)
    return "Trial" if place == 0 else ("Routine" if place <= 50 else "Other")


TAGS: Final = (
    TagOf("00185100", "CS", "series", position),
    TagOf("00181000", "LO", "series", serial),
    TagOf("00181030", "LO", "series", protocol),
    TagOf("00189073", "FD", "series", duration),
    TagOf("00321060", "LO", "study", procedure),
)


def modality(series: int) -> str:
    """Return the Modality of a series."""
    return MODALITIES[series % len(MODALITIES)]


def day(study: int) -> str:
    """Return the StudyDate of a study."""
    return date_of(spread(study, 6, DAYS))


def date_of(day: int) -> str:
    """Return one of the days that studies are of, as DICOM writes dates."""
    return f"{_FIRST_DAY + timedelta(days=day):%Y%m%d}"


@dataclass(frozen=True, slots=True)
class Archive:
    """So many series in one data partition, ten to a study."""

    number_of_series: int

    @property
    def number_of_studies(self) -> int:
        """Return how many studies they are of."""
        return self.number_of_series // SERIES_OF_A_STUDY

    def series_uid(self, series: int) -> str:
        """Return the UID of a series by its number."""
        return f"2.25.2{series:030}"

    def make(self) -> None:
        """Write all rows into the database, which holds nothing yet."""
        study, series, patient = _stored()
        _copy_studies(study, patient, self.number_of_studies)
        _copy_series(series, study, self.number_of_series)
        for each in TAGS:
            QueryTag.objects.create(
                path=each.path,
                identity=each.path,
                vr=each.vr,
                level=each.level,
                status=TagStatus.READY,
            )
        self._write_values(study, series)
        raw_connection().execute("VACUUM (ANALYZE)")

    def is_made(self) -> bool:
        """Return whether the database holds the rows, all of them."""
        rows = raw_connection().execute(
            "SELECT count(*) FROM imaging_study WHERE study_instance_uid >= '2.25.1'"
            " AND study_instance_uid < '2.25.2'"
        )
        ((held,),) = rows.fetchall()
        tags = QueryTag.objects.count()
        return bool(held == self.number_of_studies and tags == len(TAGS))

    def _write_values(self, study: int, series: int) -> None:
        keys = dict(QueryTag.objects.values_list("path", "pk"))
        place = get_or_create_partition(actor=ACTOR, name=PARTITION)
        copying = raw_connection().cursor().copy(_COPY_VALUES)
        with copying as copied:
            for number, each in self._valued():
                base = study if each.level == "study" else series
                text = _indexed(each, each.value(self, number))
                copied.write_row((keys[each.path], place, 0, text, base + number + 1))

    def _valued(self) -> Iterator[tuple[int, TagOf]]:
        """Yield what has a value, as stores come: a study, and what is below it."""
        of_studies = [each for each in TAGS if each.level == "study"]
        of_series = [each for each in TAGS if each.level == "series"]
        for study in range(self.number_of_studies):
            yield from ((study, each) for each in of_studies)
            first = study * SERIES_OF_A_STUDY
            for series in range(first, first + SERIES_OF_A_STUDY):
                yield from ((series, each) for each in of_series)


def _indexed(tag: TagOf, value: str) -> str:
    if tag.vr == "FD":
        return sortable(Decimal(value))
    return text_key(fold(value) if tag.vr == "LO" else value)


def _stored() -> tuple[int, int, int]:
    """Store a study of one series; return the keys of both and of the patient."""
    uids = _STUDY_UID, _SERIES_UID
    study = Study(_TEMPLATE, *uids, "P0", "A", "20200101", "A0", "CT", 1)
    place = get_or_create_partition(actor=ACTOR, name=_TEMPLATE)
    (received,) = Press().instances(study)
    commit([Item(ACTOR, place, received, replace=False)])
    rows = raw_connection().execute(
        "SELECT s.id, e.id, s.linked_patient_id FROM imaging_study s"
        " JOIN imaging_series e ON e.study_id = s.id WHERE s.study_instance_uid = %s",
        (_STUDY_UID,),
    )
    ((study_key, series_key, patient_key),) = rows.fetchall()
    return study_key, series_key, patient_key


def _copy_studies(template: int, patient: int, number: int) -> None:
    place = get_or_create_partition(actor=ACTOR, name=PARTITION)
    raw_connection().execute(
        "INSERT INTO imaging_patient (id, partition_id, patient_id,"
        " issuer_of_patient_id) SELECT %s + n + 1, %s, 'P' || n, ''"
        " FROM generate_series(0, %s) AS n",
        (patient, place, number - 1),
    )
    changed = {
        "id": f"{template} + n + 1",
        "partition_id": str(place),
        "linked_patient_id": f"{patient} + n + 1",
        "study_instance_uid": "'2.25.1' || lpad(n::text, 30, '0')",
        "patient_id": "'P' || n",
        "patient_id_folded": "'p' || n",
        "accession_number": "'A' || n",
        "accession_number_folded": "'a' || n",
        "study_date": _spread_day(6),
        "number_of_series": str(SERIES_OF_A_STUDY),
        "summary": _renamed(_STUDY_UID, "2.25.1"),
    }
    _copy("imaging_study", template, number, changed)


def _copy_series(template: int, study: int, number: int) -> None:
    modalities = ", ".join(f"'{each}'" for each in MODALITIES)
    changed = {
        "id": f"{template} + n + 1",
        "study_id": f"{study} + n / {SERIES_OF_A_STUDY} + 1",
        "series_instance_uid": "'2.25.2' || lpad(n::text, 30, '0')",
        "modality": f"(ARRAY[{modalities}])[mod(n, {len(MODALITIES)}) + 1]",
        "series_number": f"mod(n, {SERIES_OF_A_STUDY}) + 1",
        "summary": _renamed(_SERIES_UID, "2.25.2"),
    }
    _copy("imaging_series", template, number, changed)


def _renamed(uid: str, root: str) -> str:
    """Return the template's summary with another UID, as SQL."""
    text = "convert_from(template.summary, 'UTF8')"
    other = f"'{root}' || lpad(n::text, 30, '0')"
    return f"convert_to(replace({text}, '{uid}', {other}), 'UTF8')"


def _spread_day(salt: int) -> str:
    """Return what `day` returns, as SQL."""
    place = f"mod(n::bigint * {_SPREAD + 2 * salt}, {_SPAN}) * {DAYS} >> 32"
    return f"to_char(date '{_FIRST_DAY}' + ({place})::int, 'YYYYMMDD')"


def _copy(table: str, template: int, number: int, changed: dict[str, str]) -> None:
    """Write `number` copies of a row, with some columns an expression of n."""
    connection = raw_connection()
    names = [
        name
        for (name,) in connection.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_name = %s AND table_schema = current_schema()"
            " AND is_generated = 'NEVER'",
            (table,),
        )
    ]
    values = [changed.get(name, f"template.{name}") for name in names]
    connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    connection.execute(
        f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)}"
        f" FROM {table} template, generate_series(0, {number - 1}) AS n"
        f" WHERE template.id = {template}"
    )
    connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    connection.execute(
        f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
    )


_COPY_VALUES: Final = (
    "COPY imaging_tagvalue (tag_id, partition_id, part, text, row_id) FROM STDIN"
)
