"""Many observations at once, made inside the database: for plans and for measuring."""

from core.database import raw_connection
from fhirlink.document import packed
from fhirlink.search import slots
from fhirlink.search.index import unit_key
from fhirlink.search.slots import Owner, term
from fhirlink.search.through import link_prefix

LOINC = "http://loinc.org"
FREQUENT, RARE = "8867-4", "1-1"


def fill(partition_id: int, number: int, patients: int) -> None:
    """Have a partition hold patients with pulses, one each ten minutes over all.

    All have one content, which is none of theirs: it is not searched.
    """

    def owner(parameter: str, type_: str = "Observation") -> Owner:
        return Owner(partition_id, type_, parameter)

    execute = raw_connection().execute
    compartment = slots.compartment_prefix(partition_id)
    execute(
        "INSERT INTO fhirlink_resource (partition_id, type, fhir_id, version_id,"
        " number, updated_at, is_deleted, terms) SELECT %s, 'Patient', 'p' || i, 1, 1,"
        " now(), false, ARRAY[fhirlink_term(%s || 'p' || i), fhirlink_term(%s || i)]"
        " FROM generate_series(1, %s) i",
        (
            partition_id,
            compartment,
            slots.SEPARATOR.join(
                (slots.prefix(owner("identifier", "Patient")), slots.CODE, "")
            ),
            patients,
        ),
    )
    execute(
        "INSERT INTO fhirlink_stringvalue (slot, text, resource_id)"
        " SELECT %s, 'name' || substr(md5(r.fhir_id), 1, 6), r.id"
        " FROM fhirlink_resource r WHERE partition_id = %s AND type = 'Patient'",
        (term(owner("family", "Patient"), slots.TEXT), partition_id),
    )
    common = [
        term(owner("status"), slots.CODE, "final"),
        term(owner("category"), slots.CODE, "vital-signs"),
        *(
            term(owner(each), slots.PRESENT)
            for each in ("status", "category", "code", "date", "subject")
        ),
    ]
    execute(
        "INSERT INTO fhirlink_resource (partition_id, type, fhir_id, version_id,"
        " number, updated_at, is_deleted, terms)"
        " SELECT %s, 'Observation', 'o' || i, 1, 1, now() - i * interval '1 second',"
        " false, %s::bigint[] || ARRAY[fhirlink_term(%s || 'p' || p),"
        " fhirlink_term(%s || 'p' || p), fhirlink_term(%s || 'p' || p),"
        " CASE WHEN i %% 1000 = 0 THEN %s ELSE"
        " fhirlink_term(%s || CASE WHEN i %% 3 = 0 THEN %s ELSE 'c' || (i %% 40) END)"
        " END] FROM (SELECT i, 1 + i * 7919::bigint %% %s AS p"
        " FROM generate_series(1, %s) i) made",
        (
            partition_id,
            common,
            compartment,
            link_prefix(owner("patient"), "Patient"),
            link_prefix(owner("subject"), "Patient"),
            term(owner("code"), slots.CODE, RARE),
            slots.SEPARATOR.join((slots.prefix(owner("code")), slots.CODE, "")),
            FREQUENT,
            patients,
            number,
        ),
    )
    execute(
        'INSERT INTO fhirlink_datevalue (slot, first, "end", resource_id)'
        " SELECT %s, at, at + interval '1 second', id FROM (SELECT id, timestamptz"
        " '2020-01-01Z' + id %% %s * interval '10 minutes' AS at FROM fhirlink_resource"
        " WHERE partition_id = %s AND type = 'Observation') made",
        (term(owner("date"), slots.MOMENT), number, partition_id),
    )
    for slot in (
        term(owner("value-quantity"), slots.POINT),
        term(owner("code-value-quantity"), slots.POINT, slots.CODE, FREQUENT),
    ):
        execute(
            "INSERT INTO fhirlink_quantityvalue (slot, low, high, unit, resource_id)"
            " SELECT %s, id %% 200, id %% 200, %s, id FROM fhirlink_resource"
            " WHERE partition_id = %s AND type = 'Observation'",
            (slot, unit_key("", "/min"), partition_id),
        )
    body = packed({"subject": {"reference": "Patient/p1"}})
    execute(
        "INSERT INTO fhirlink_resourceversion (id, resource_id, number, at, method,"
        " body) SELECT 1, min(id), 1, now(), 'PUT', %s FROM fhirlink_resource",
        (body,),
    )
    for table in ("resource", "stringvalue", "datevalue", "quantityvalue"):
        execute(f"ANALYZE fhirlink_{table}")
