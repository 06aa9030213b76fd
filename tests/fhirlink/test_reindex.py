"""What resources are found by, derived anew, is what it was."""

import pytest
from django.core.management import call_command

from core.database import raw_connection
from core.models import AuditRecord
from core.partitions import get_or_create_partition
from fhirlink.models import Resource, TermText
from fhirlink.write import Change, write
from tests.fhirlink.search.records import records
from tests.fhirlink.service import ACTOR
from tests.synthetic import new_uid

pytestmark = pytest.mark.django_db

TABLES = {
    "resource": "id, terms",
    "stringvalue": "resource_id, slot, text",
    "datevalue": 'resource_id, slot, first, "end"',
    "quantityvalue": "resource_id, slot, low, high, unit",
    "termtext": "term, slot, text",
}


def held() -> dict[str, list[tuple[object, ...]]]:
    execute = raw_connection().execute
    return {
        table: sorted(execute(f"SELECT {columns} FROM fhirlink_{table}").fetchall())
        for table, columns in TABLES.items()
    }


@pytest.fixture
def filled() -> None:
    key = get_or_create_partition(actor=ACTOR, name=f"r-{new_uid()[-12:]}")
    given = records()
    changes = [Change(r["resourceType"], r["id"], "PUT", r) for r in given]
    write(ACTOR, key, changes)
    write(ACTOR, key, [Change("Patient", "patient-1", "DELETE", None)])
    changed = {"resourceType": "Patient", "id": "patient-2", "gender": "other"}
    write(ACTOR, key, [Change("Patient", "patient-2", "PUT", changed)])


@pytest.mark.usefixtures("filled")
def test_indexed_bit_by_bit_is_what_is_indexed_anew() -> None:
    call_command("fhir_reindex", verbosity=0)  # and what nothing has any more, goes
    before = held()

    for table in ("stringvalue", "datevalue", "quantityvalue", "termtext"):
        raw_connection().execute(f"DELETE FROM fhirlink_{table}")
    Resource.objects.update(terms=[1, 2])
    call_command("fhir_reindex")

    assert all(before.values())
    assert held() == before
    record = AuditRecord.objects.order_by("id").last()
    assert record is not None
    assert record.detail == f"{Resource.objects.count()} resources indexed anew"


@pytest.mark.usefixtures("filled")
def test_it_changes_nothing_but_texts_that_no_resource_has() -> None:
    before = held()
    TermText.objects.create(term=1, slot=2, text="gone")

    call_command("fhir_reindex")

    after = held()
    assert {*after.pop("termtext")} <= {*before.pop("termtext")}
    assert after == before
