"""Whether each study is the one ImagingStudy that a rebuild would make of it."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

import httpx
import psycopg

from tests.crash.ledger import Content, Key

PATIENCE_S: Final = 90.0
WAITING: Final = (
    "SELECT (SELECT count(*) FROM fhirlink_dirtystudy)"
    " + (SELECT max(seq) FROM core_feedentry WHERE kind = 'instance')"
    " - (SELECT least(max(seq), (SELECT max(seq) FROM core_feedentry"
    " WHERE kind = 'instance')) FROM core_followercursor WHERE name = 'linker')"
)
LINKED: Final = "SELECT study_instance_uid, fhir_id FROM fhirlink_linkedstudy"
STUDIES: Final = (
    "SELECT count(*) FROM fhirlink_resource"
    " WHERE type = 'ImagingStudy' AND NOT is_deleted"
)


def check_links(
    connection: psycopg.Connection, client: httpx.Client, held: Mapping[Key, Content]
) -> Iterator[str]:
    """Wait until all is linked; yield what is linked wrong, twice, or not at all.

    Parameters
    ----------
    client
        Asks below the address of the FHIR service.
    """
    deadline = time.monotonic() + PATIENCE_S
    while (waiting := connection.execute(WAITING).fetchone()) != (0,):
        if time.monotonic() > deadline:
            yield f"the linker stays behind: {waiting}"
            return
        time.sleep(0.5)
    ids: dict[str, str] = dict(connection.execute(LINKED).fetchall())
    if connection.execute(STUDIES).fetchone() != (len(ids),):
        yield "there are more or fewer ImagingStudies than studies"
    instances = Counter(key.study for key in held)
    if missing := instances.keys() - ids.keys():
        yield f"not linked: {missing}"
    for study, fhir_id in ids.items():
        found = client.get(f"/ImagingStudy/{fhir_id}").json()
        told = _told(found)
        if told != Counter(key for key in held if key.study == study):
            yield f"the ImagingStudy of {study} lists other instances"
        status = "available" if instances[study] else "cancelled"
        if (found["status"], found["numberOfInstances"]) != (status, told.total()):
            yield f"the ImagingStudy of {study} is {found['status']}"


def _told(study: dict[str, Any]) -> Counter[Key]:
    uid = study["identifier"][0]["value"].removeprefix("urn:oid:")
    return Counter(
        Key(uid, series["uid"], instance["uid"])
        for series in study.get("series", ())
        for instance in series.get("instance", ())
    )
