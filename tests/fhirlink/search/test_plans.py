"""The usual searches read no table from one end to the other."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from core.database import lift_limit, raw_connection
from core.partitions import get_or_create_partition
from fhirlink.access import Seen
from fhirlink.search.asked import asked
from fhirlink.search.parse import pairs_of
from fhirlink.search.statements import count_of, page_of, where_of
from tests.fhirlink.search.many import FREQUENT, RARE, fill
from tests.fhirlink.service import ACTOR

pytestmark = pytest.mark.django_db

OBSERVATIONS, PATIENTS = 50_000, 500
MANY = f"patient=p7&code={FREQUENT}&date=ge2020-02&date=lt2020-03"
SEARCHES = [
    f"Observation?{MANY}",
    f"Observation?{MANY}&_sort=-date",
    "Observation?patient=Patient/p7&_sort=-date",
    "Observation?subject=Patient/p7",
    f"Observation?code={RARE}",
    f"Observation?code={RARE}&status=final",
    f"Observation?code={FREQUENT}",
    "Observation?date=2020-03-04",
    "Observation?date=ge2020-03-04&date=lt2020-03-05&category=vital-signs",
    "Observation?date=ge2020-12-12",
    "Observation?_id=o1,o2",
    "Observation?_lastUpdated=lt2000",
    f"Observation?code-value-quantity={FREQUENT}$gt198&patient=p7",
    "Observation?value-quantity=gt198||/min&patient=p7",
    "Observation?subject:Patient.family=name0a",
    "Observation?patient.identifier=7&code=c1",
    f"Observation?code={FREQUENT}&_sort=-date",
    f"Observation?code={RARE}&_sort=date",
    "Observation?_sort=-_lastUpdated",
    "Observation",
    "Patient?family=name0",
    "Patient?identifier=77",
    "Patient?_sort=_id&_id=p7",
    "Patient?_has:Observation:patient:date=2020-03-04&identifier=77",
    f"Patient?_has:Observation:patient:code={FREQUENT}",
    "Observation?patient:Patient.family=name&code=c1",
]
# Of much of the table 10,000 rows are soon counted, wherever they are read.
FOUND_BY_MOST = {
    "Observation",
    "Observation?_sort=-_lastUpdated",
    f"Observation?code={FREQUENT}",
    f"Observation?code={FREQUENT}&_sort=-date",
    "Observation?patient:Patient.family=name&code=c1",
}


@pytest.fixture(scope="module")
def filled(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    with django_db_blocker.unblock(), transaction.atomic():
        lift_limit()  # of the web server, which another test of this process may load
        key = get_or_create_partition(actor=ACTOR, name="plans")
        fill(key, OBSERVATIONS, PATIENTS)
        yield key
        transaction.set_rollback(True)


def scanned(plan: dict[str, Any]) -> Iterator[str]:
    """Yield the tables that a plan reads from one end to the other."""
    if plan["Node Type"] == "Seq Scan":
        yield plan["Relation Name"]
    for each in plan.get("Plans", ()):
        yield from scanned(each)


@pytest.mark.parametrize("search", SEARCHES)
def test_no_table_is_read_from_one_end_to_the_other(filled: int, search: str) -> None:
    type_, _, query = search.partition("?")
    wanted = asked([type_], list(pairs_of(query)))
    seen = Seen(filled, "true", [])
    where = where_of(seen, wanted)
    page = page_of(seen, wanted, where, None)

    counted = [] if search in FOUND_BY_MOST else [count_of(where, 10_001)]
    for text, values in [(page.whole, page.values), *counted]:
        rows = raw_connection().execute(f"EXPLAIN (FORMAT JSON) {text}", list(values))
        ((told,),) = rows
        big = {*scanned(told[0]["Plan"])} - {"fhirlink_resourceversion"}  # one row
        assert not big, told
