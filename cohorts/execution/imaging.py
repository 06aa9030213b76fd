"""What holds of a study: its modality and series, its tags, its reports.

An imaging event is a study. What is asked of it beside `series` may hold on different
series of it; what is inside of `series` holds on one and the same.
"""

from collections.abc import Iterator

from cohorts.criteria.model import Event, Report, Series
from cohorts.criteria.values import Concept
from cohorts.execution.plain import ranged, status_condition
from cohorts.execution.question import Asked
from cohorts.execution.statement import Sql, all_of, fill, sql
from cohorts.execution.studies import share_a_study, undoubted
from cohorts.execution.texts import text_condition
from fhirlink.events.shapes import Kind


def imaging_conditions(asked: Asked, event: Event, alias: str) -> Iterator[Sql]:
    """Yield what has to be true of a study, whose patient is not in doubt."""
    yield undoubted(asked.partition_id, alias)
    if event.modality is not None:
        keys = asked.keys("modality", event.modality)
        yield sql(f"{alias}.category = ANY(%s::int[])", keys)
    if event.body is not None:
        yield _some_series(alias, _of_body(asked, event.body))
    if event.instances is not None:
        number = (
            "(SELECT coalesce(sum(i.number_of_instances), 0)"
            f" FROM fhirlink_eventseries i WHERE i.event_id = {alias}.id)"
        )
        yield ranged(number, event.instances)
    for tag in event.tags or ():
        yield _some_series(alias, asked.held["tag", tag])
    if event.series is not None:
        yield _one_series(asked, event.series, alias)
    if event.report is not None:
        yield _with_report(asked, event.report, alias)
    if event.text is not None:
        yield _with_report(asked, Report(text=event.text), alias)


def _some_series(alias: str, condition: Sql) -> Sql:
    template = (
        "EXISTS (SELECT FROM fhirlink_eventseries series"
        " WHERE series.event_id = {alias}.id AND {condition})"
    )
    return fill(template, alias=alias, condition=condition)


def _of_body(asked: Asked, body: Concept) -> Sql:
    return sql("series.body = ANY(%s::int[])", asked.keys("concept", body))


def _one_series(asked: Asked, series: Series, alias: str) -> Sql:
    conditions = []
    if series.modality is not None:
        conditions.append(
            sql("series.modality = ANY(%s::text[])", list(series.modality))
        )
    if series.body is not None:
        conditions.append(_of_body(asked, series.body))
    if series.instances is not None:
        conditions.append(ranged("series.number_of_instances", series.instances))
    conditions.extend(asked.held["tag", tag] for tag in series.tags or ())
    whole = all_of(conditions)
    if series.count is None:
        return _some_series(alias, whole)
    template = (
        "(SELECT count(*) FROM fhirlink_eventseries series"
        " WHERE series.event_id = {alias}.id AND {whole})"
    )
    number = fill(template, alias=alias, whole=whole)
    held = ranged("number.of_series", series.count)
    return fill(
        "EXISTS (SELECT FROM (SELECT {number} AS of_series) number WHERE {held})",
        number=number,
        held=held,
    )


def _with_report(asked: Asked, report: Report, alias: str) -> Sql:
    conditions = [status_condition("report", report.status)]
    if report.text is not None:
        conditions.append(text_condition(report.text, "report", asked.held))
    if report.code is not None:
        keys = asked.keys("concept", report.code)
        conditions.append(sql("report.code = ANY(%s::int[])", keys))
    template = (
        "EXISTS (SELECT FROM fhirlink_event report"
        " WHERE report.patient = {alias}.patient"
        " AND report.kind = {kind} AND {seen} AND {conditions} AND {shared})"
    )
    return fill(
        template,
        alias=alias,
        kind=int(Kind.REPORT),
        seen=asked.visible.event("report"),
        conditions=all_of(conditions),
        shared=share_a_study(alias, "report"),
    )
