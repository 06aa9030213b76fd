"""What is shown of an event and of a person: what is listed, and nothing else."""

from datetime import date
from typing import Any, Final

import pytest

from cohorts.pseudonyms.events import shown_event
from cohorts.pseudonyms.names import Names
from cohorts.pseudonyms.persons import shown_age, shown_person
from fhirlink.events.codes import Coding
from fhirlink.events.days import ALWAYS
from fhirlink.events.shapes import Kind
from fhirlink.happened import Coded, Happened
from fhirlink.persons import Person

NAMES: Final = Names(b"k" * 32)
SECRET: Final = "Zebra"
DAY: Final = date(2019, 7, 13)


def happened(**members: Any) -> Happened:
    """Return an event of which every member tells something, unless said otherwise."""
    told: dict[str, Any] = dict.fromkeys(Happened._fields, SECRET)
    for name in ("start_first", "start_last", "run_first", "end_first", "end_last"):
        told[name] = DAY
    told |= {
        "id": 7_777_777,
        "kind": Kind.OBSERVATION,
        "part": 1,
        "second": 7_777,
        "code": Coding(f"urn:{SECRET}", SECRET, SECRET),
        "low": None,
        "high": None,
        "is_counted": True,
        "studies": (f"1.2.{SECRET}",),
        "resource": f"Observation/{SECRET}",
        "encounter": 7_777_777,
        "coded": Coded(),
    }
    return Happened(**{**told, **members})


def test_no_member_that_tells_who_it_is_is_shown() -> None:
    shown = shown_event(happened(), NAMES, 10)
    assert SECRET not in repr(shown)
    assert "7777" not in repr(shown)
    assert (shown.kind, shown.part) == (Kind.OBSERVATION, 1)
    assert shown.start_first == shown.end_last == date(2019, 7, 3)
    assert shown.studies == (NAMES.study(f"1.2.{SECRET}"),)
    assert shown.resource == NAMES.resource(f"Observation/{SECRET}")
    assert shown_event(happened(end_last=ALWAYS), NAMES, 10).end_last == ALWAYS


def test_codes_are_shown_with_what_code_systems_call_them() -> None:
    code = Coding("http://loinc.org", "4548-4", f"{SECRET} has")
    coded = Coded("Hemoglobin A1c", "laboratory", "high")
    shown = shown_event(happened(code=code, coded=coded), NAMES, 10)
    assert shown.code == Coding("http://loinc.org", "4548-4", "Hemoglobin A1c")
    assert (shown.label, shown.category) == ("Hemoglobin A1c", "laboratory")
    assert (shown.value, shown.unit) == ("high", "")
    assert SECRET not in repr(shown)


@pytest.mark.parametrize(
    ("given", "value", "unit"),
    [
        (("5.40", "mg/dL", 5.4, 5.4), "5.40", "mg/dL"),
        (("<5", "mmHg", float("-inf"), 5.0), "<5", "mmHg"),
        (("12", f"{{{SECRET}}}", 12.0, 12.0), "12", ""),
        (("12", SECRET, 12.0, 12.0), "12", ""),
        (("12", "", 12.0, 12.0), "12", ""),
        ((SECRET, "mg/dL", None, None), "", ""),
        (("93", "a", 93.0, 93.0), ">89", "a"),
        (("89", "a", 89.0, 89.0), "89", "a"),
        ((">88", "a", 88.0, float("inf")), "", "a"),
    ],
)
def test_numbers_are_shown_and_words_are_not(
    given: tuple[str, str, float | None, float | None], value: str, unit: str
) -> None:
    words, of, low, high = given
    event = happened(value=words, unit=of, low=low, high=high)
    shown = shown_event(event, NAMES, 10)
    assert (shown.value, shown.unit) == (value, unit)


def test_statuses_are_those_of_fhir() -> None:
    shown = shown_event(happened(status=f"active {SECRET} confirmed"), NAMES, 10)
    assert shown.status == "active confirmed"


def person(first: str, last: str, gender: str = "female") -> Person:
    born = date.fromisoformat(first), date.fromisoformat(last)
    return Person(7, *born, gender, True, DAY, DAY, (SECRET,))


def test_a_person_has_a_sex_and_an_age_by_years_alone() -> None:
    shown = shown_person(person("1980-05-05", "1980-05-05"))
    assert shown == Person(0, None, None, "female", True, None, None, ())
    assert shown_person(person("1980-05-05", "1980-05-05", SECRET)).gender == ""
    born = person("1980-05-05", "1980-05-05")
    # No day of a year tells when in the year somebody was born.
    ages = {shown_age(born, date(2026, month, 5)) for month in range(1, 13)}
    assert ages == {"46"}
    assert shown_age(person("1980-01-01", "1981-12-31"), DAY) == "38-39"
    assert shown_age(person("1929-12-31", "1929-12-31"), DAY) == "90+"
    assert shown_age(person("1930-01-01", "1930-01-01"), DAY) == "89"
    assert shown_age(born._replace(birth_first=None), DAY) == ""
