"""What is wanted, as SQL: the events of an output, of the patients that were found.

The statements read `cohort_patient` and `cohort_match` (`cohorts.answers.parts`). What
an output narrows is narrowed as criteria are: by the same words, windows and statuses.
"""

from collections.abc import Iterator
from typing import Any, Final

from cohorts.criteria import Output
from cohorts.criteria.check import leaves
from cohorts.criteria.model import Event, OfEvent, What
from cohorts.criteria.values import During, Near, When
from cohorts.execution.leaves import event_condition
from cohorts.execution.plain import status_condition
from cohorts.execution.question import Asked, Names
from cohorts.execution.statement import Sql, all_of, any_of, fill, listed, sql
from cohorts.execution.studies import studies_of
from cohorts.execution.timing import timed
from cohorts.execution.windows import start_of
from core.database import raw_connection
from fhirlink.events.days import ALWAYS
from fhirlink.events.shapes import Kind

DOCUMENT: Final = "document"
_ABOUT_STUDIES: Final = frozenset({"report", DOCUMENT})
_NO_NAMES: Final[Names] = {}


def is_listed(what: What) -> bool:
    """Return whether an output has rows of events, and not of patients, or a number."""
    return what not in {"patient", "count"}


def tables_of(asked: Asked, wanted: Output) -> list[Sql]:
    """Return the table ``listed`` of an output, after those that it reads.

    Its columns are ``id``, ``patient``, ``day`` and ``second``; 9999-12-31 and -1 of
    what has none.
    """
    beside = [each for each in asked.query.output if each.what == "imaging"]
    studies = beside or [Output(what="imaging", modality=wanted.modality)]
    rows = fill("listed AS ({chosen})", chosen=_chosen(asked, wanted))
    if not _is_of_studies(wanted):
        return [rows]
    chosen = [fill("({one})", one=_chosen(asked, each)) for each in studies]
    return [
        fill(_STUDIES, studies=listed(chosen, " UNION ALL ")),
        sql(_ABOUT, asked.partition_id, asked.partition_id, asked.partition_id),
        rows,
    ]


def _is_of_studies(wanted: Output) -> bool:
    return wanted.of is not None and wanted.what in _ABOUT_STUDIES


def _chosen(asked: Asked, wanted: Output) -> Sql:
    """Return a SELECT of the events of an output."""
    where = all_of(_conditions(asked, wanted))
    return fill(_PICKED[wanted.pick or "any"], where=where)


def _conditions(asked: Asked, wanted: Output) -> Iterator[Sql]:
    if wanted.what == DOCUMENT:
        yield _document(asked, wanted)
    else:
        yield event_condition(asked, _as_event(wanted), "e", _NO_NAMES)
    if wanted.what != "imaging" and (wanted.modality or wanted.body):
        yield _of_study(asked, wanted)
    if wanted.when is not None:
        yield _when(asked, wanted.when)
    if wanted.matching:
        yield sql("e.id IN (SELECT event FROM cohort_match)")
    if _is_of_studies(wanted):
        yield sql("e.id IN (SELECT event FROM about)")


def _as_event(wanted: Output, **members: Any) -> Event:
    """Return what an output narrows, as criteria say it of an event of its kind."""
    said = {"code": wanted.code, "category": wanted.category, "status": wanted.status}
    if wanted.what == "imaging":
        said |= {"modality": wanted.modality, "body": wanted.body}
    return Event.model_validate({"type": wanted.what, **said, **members})


def _document(asked: Asked, wanted: Output) -> Sql:
    """Return that an event is a document of images; or a study, unless it is of one."""
    document = all_of(_of_document(asked, wanted))
    if wanted.of is not None:
        return document
    study = event_condition(asked, _as_event(wanted, type="imaging"), "e", _NO_NAMES)
    return any_of([study, document])


def _of_document(asked: Asked, wanted: Output) -> Iterator[Sql]:
    partition_id = asked.partition_id
    yield sql(f"e.partition_id = %s AND e.kind = {Kind.DOCUMENT:d}", partition_id)
    yield asked.visible.event("e")
    yield status_condition("e", wanted.status)
    if wanted.code is not None:
        yield sql("e.code = ANY(%s::int[])", asked.keys("concept", wanted.code))
    if wanted.category is not None:
        keys = asked.keys("category", wanted.category)
        yield sql("e.category = ANY(%s::int[])", keys)
    rows = raw_connection().execute(_OF_IMAGES, (partition_id, partition_id))
    keys = [key for (key,) in rows]
    yield sql(_DOCUMENTS, keys, keys)


def _of_study(asked: Asked, wanted: Output) -> Sql:
    """Return that an event is a study, or is about one, of a modality or body part."""
    study = Event(type="imaging", modality=wanted.modality, body=wanted.body)
    condition = event_condition(asked, study, "study", _NO_NAMES)
    return fill(_STUDY, condition=condition)


def _when(asked: Asked, when: When) -> Sql:
    if not isinstance(when, Near | During):
        return timed(asked, when, start_of("e"), _NO_NAMES)
    name = when.during if isinstance(when, During) else when.near.removesuffix(".end")
    return fill(
        _NEAR,
        leaf=_leaf_named(asked, name),
        window=timed(asked, when, start_of("e"), {name: "anchor"}),
    )


def _leaf_named(asked: Asked, name: str) -> int:
    found = (
        at
        for at, leaf in enumerate(leaves(asked.query.where))
        if isinstance(leaf, OfEvent) and leaf.event.as_ == name
    )
    return next(found)  # the criteria were checked: there is one


_DAY: Final = f"coalesce(e.start_first, DATE '{ALWAYS}')"
_SECOND: Final = "coalesce(e.second, -1)"
_EVENTS: Final = (
    f" e.id, e.patient, {_DAY} AS day, {_SECOND} AS second FROM cohort_patient c"
    " JOIN fhirlink_event e ON e.patient = c.patient WHERE {where}"
)
_EACH: Final = "SELECT DISTINCT ON (e.patient)" + _EVENTS + " ORDER BY e.patient, "
_PICKED: Final = {
    "any": "SELECT" + _EVENTS,
    "first": f"{_EACH}{_DAY}, {_SECOND}, e.id",
    # What has no date comes after all that has one, here as well.
    "last": f"{_EACH}e.start_first DESC NULLS LAST, {_SECOND} DESC, e.id DESC",
}
_STUDY: Final = (
    "EXISTS (SELECT FROM fhirlink_event study WHERE study.patient = e.patient"  # noqa: S608 own names
    " AND {condition} AND (study.id = e.id OR study.id IN ("
    "SELECT own.event_id FROM (" + studies_of("e") + ") told (uid)"
    " JOIN fhirlink_eventstudy own ON own.partition_id = e.partition_id"
    " AND own.study_instance_uid = told.uid)))"
)
_NEAR: Final = (
    "EXISTS (SELECT FROM cohort_match m JOIN fhirlink_event anchor"
    " ON anchor.id = m.event WHERE m.leaf = {leaf} AND m.patient = e.patient"
    " AND {window})"
)
_DOCUMENTS: Final = (
    "(e.code = ANY(%s::int[]) OR e.category = ANY(%s::int[])"
    " OR EXISTS (SELECT FROM fhirlink_eventstudy x WHERE x.event_id = e.id))"
)
# LOINC's diagnostic imaging study and radiology studies; or what is called so.
_OF_IMAGES: Final = (
    "SELECT c.id FROM fhirlink_coding g JOIN fhirlink_codeableconcept c"
    " ON c.id = g.codeable_concept_id AND c.partition_id = %s"
    " JOIN fhirlink_concept k ON k.id = g.concept_id"
    " WHERE k.system = 'http://loinc.org'"
    " AND k.code IN ('18748-4', '18726-0', '55113-5') UNION"
    " SELECT c.id FROM fhirlink_coding g JOIN fhirlink_codeableconcept c"
    " ON c.id = g.codeable_concept_id AND c.partition_id = %s"
    " WHERE to_tsvector('simple'::regconfig, g.display)"
    " @@ to_tsquery('simple'::regconfig, 'imaging | radiology')"
)
_STUDIES: Final = (
    "study_listed AS MATERIALIZED (SELECT DISTINCT x.study_instance_uid AS uid"
    " FROM ({studies}) chosen JOIN fhirlink_eventstudy x ON x.event_id = chosen.id)"
)
_ABOUT: Final = (
    "about AS MATERIALIZED (SELECT x.event_id AS event FROM study_listed s"
    " JOIN fhirlink_eventstudy x ON x.study_instance_uid = s.uid"
    " AND x.partition_id = %s UNION SELECT told.id FROM study_listed s"
    " JOIN fhirlink_reportlink l ON l.study_instance_uid = s.uid"
    " AND l.partition_id = %s AND NOT l.is_suggestion"
    " JOIN fhirlink_resource r ON r.type = l.type"
    " AND r.fhir_id = l.report AND r.partition_id = %s"
    " JOIN fhirlink_event told ON told.resource_id = r.id)"
)
