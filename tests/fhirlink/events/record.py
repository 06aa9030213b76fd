"""Writing a record for tests of the event table, and reading what was derived."""

from typing import Any

from django.db import connection, transaction

from core import followers
from core.access import system
from core.partitions import get_or_create_partition
from fhirlink.events.follower import EventFollower
from fhirlink.write import Change, write

ACTOR = system("test")
FOLLOWER = EventFollower()


def put(*resources: dict[str, Any], partition: str = "default") -> None:
    """Write resources in one transaction."""
    _write([Change(r["resourceType"], r["id"], "PUT", r) for r in resources], partition)


def remove(*names: str, partition: str = "default") -> None:
    """Delete resources by type and id."""
    pairs = [name.split("/") for name in names]
    _write([Change(type_, id_, "DELETE", None) for type_, id_ in pairs], partition)


def _write(changes: list[Change], partition: str) -> None:
    key = get_or_create_partition(actor=ACTOR, name=partition)
    with transaction.atomic(durable=True):
        write(ACTOR, key, changes)


def follow() -> None:
    """Have the follower catch up."""
    followers.run_until_caught_up(FOLLOWER)


def resource(
    type_: str, id_: str, patient: str = "p", **members: Any
) -> dict[str, Any]:
    """Return a resource of a patient."""
    who = "patient" if type_ in {"AllergyIntolerance", "Immunization"} else "subject"
    named: dict[str, Any] = {who: {"reference": f"Patient/{patient}"}}
    return {"resourceType": type_, "id": id_, **named, **members}


def patient(id_: str = "p", **members: Any) -> dict[str, Any]:
    """Return a Patient."""
    return {"resourceType": "Patient", "id": id_, **members}


def rows(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """Return what a query gives."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def words(key: str) -> str:
    """Return SQL of all codings of a CodeableConcept."""
    return (
        "(SELECT string_agg(concat_ws('|', system, code, c.display), ',' ORDER BY"
        " position) FROM fhirlink_coding c LEFT JOIN fhirlink_concept o"
        f" ON o.id = c.concept_id WHERE c.codeable_concept_id = {key})"
    )


def snapshot() -> dict[str, list[tuple[Any, ...]]]:
    """Return all that was derived, by names instead of keys."""
    named = "SELECT name FROM fhirlink_patientidentity i WHERE i.id = "
    parts = {
        "patients": "SELECT p.partition_id, i.name, p.birth_first, p.birth_last,"
        " p.gender, p.is_deceased, p.deceased_first, p.deceased_last"
        " FROM fhirlink_clinicalpatient p JOIN fhirlink_patientidentity i USING (id)",
        "identities": "SELECT i.partition_id, i.name, r.name, i.is_present,"
        " i.replaced_by, i.birth_first, i.gender FROM fhirlink_patientidentity i"
        " JOIN fhirlink_patientidentity r ON r.id = i.patient",
        "events": f"SELECT e.partition_id, ({named} e.patient), ({named} e.identity),"
        " resource_id, kind, part, encounter, low, high, status, is_counted, words,"
        " start_first, start_last, second, run_first, end_first, end_last,"
        f" {words('e.code')}, {words('e.category')}, {words('e.value_code')},"
        f" {words('e.site')}, (SELECT concat_ws('|', system, code, words, canonical)"
        " FROM fhirlink_unit u WHERE u.id = e.unit_id),"
        " (SELECT string_agg(study_instance_uid, ',' ORDER BY 1)"
        " FROM fhirlink_eventstudy s WHERE s.event_id = e.id),"
        " (SELECT string_agg(concat_ws('|', series_instance_uid, modality,"
        f" number_of_instances, {words('s.body')}), ',' ORDER BY series_instance_uid)"
        " FROM fhirlink_eventseries s WHERE s.event_id = e.id),"
        " (SELECT text FROM fhirlink_eventtext t WHERE t.event_id = e.id)"
        " FROM fhirlink_event e",
        "uses": f"SELECT {words('u.codeable_concept_id')}, role, kind,"
        " number_of_events FROM fhirlink_codeuse u",
        "codes": f"SELECT partition_id, {words('c0.id')}"
        " FROM fhirlink_codeableconcept c0",
        "codings": "SELECT count(*) FROM fhirlink_coding",
        "concepts": "SELECT system, code FROM fhirlink_concept",
        "needs": "SELECT resource_id, name FROM fhirlink_eventneed",
        "orphans": "SELECT count(*) FROM (SELECT event_id FROM fhirlink_eventstudy"
        " UNION ALL SELECT event_id FROM fhirlink_eventseries UNION ALL"
        " SELECT event_id FROM fhirlink_eventtext) o"
        " WHERE NOT EXISTS (SELECT FROM fhirlink_event e WHERE e.id = o.event_id)",
    }
    return {name: sorted(rows(sql), key=repr) for name, sql in parts.items()}
