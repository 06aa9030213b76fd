"""When: windows, ages, births and deaths; partial dates match when they could."""

from datetime import date

import pytest

from tests.cohorts.execution.asked import condition, counted, event, study, who
from tests.fhirlink.events.record import follow, patient, put, resource

pytestmark = pytest.mark.django_db


def flu(**members: object) -> dict[str, object]:
    return event("condition", "flu", **members)


def test_windows_have_both_their_ends_and_nothing_after_now() -> None:
    days = {
        "a": "2024-01-01",
        "b": "2023-12-31",
        "c": "2026-01-01",
        "d": "2026-01-02",
        "e": "",
    }
    put(*(patient(id_) for id_ in days))
    put(*(condition(id_, "flu", day, id_) for id_, day in days.items()))
    follow()

    assert who(flu(when={"last": "P2Y"})) == "a c"
    assert who(flu(when={"from": "2023-12-31", "to": "2024"})) == "a b"
    assert who(flu(when={"from": "2024-01-01", "to": None})) == "a c d"
    assert who(flu(when={"from": "-P2Y", "to": "P1D"})) == "a c d"
    # Without a date it is in no window, and in no want of one.
    assert who(flu()) == "a b c d e"


def test_months_clip_to_the_end_of_the_month() -> None:
    put(patient(), condition("c", "flu", "2025-02-28"))
    follow()

    assert who(flu(when={"last": "P1M"}), now=date(2025, 3, 31)) == "p"
    assert who(flu(when={"last": "P1M"}), now=date(2025, 4, 1)) == ""


def test_partial_dates_match_when_they_could_and_are_counted_apart() -> None:
    put(
        *(patient(id_) for id_ in "abc"),
        condition("a", "flu", "2024", "a"),
        condition("b", "flu", "2024-06", "b"),
        condition("c", "flu", "2024-06-15", "c"),
    )
    follow()
    june = flu(when={"from": "2024-06-15", "to": "2024-07-31"})

    assert who(june) == "a b c"
    assert counted(june).could == 2
    assert counted(flu(when={"from": "2024", "to": "2024"})).could == 0
    # What could have been is left out by "not": nothing is uncertain then.
    assert who({"not": june}) == ""


def test_a_date_is_the_day_that_is_written_and_the_start() -> None:
    late = "2024-12-31T23:30:00-05:00"
    put(
        patient(),
        resource(
            "Procedure",
            "x",
            code={"text": "biopsy"},
            performedPeriod={"start": late, "end": "2025-03-01"},
        ),
        condition("r", "cough", recordedDate="2023-05-01"),
        study("s", "2024-12-31T23:59:00+09:00", ("CT", "Chest", 1)),
    )
    follow()
    year = {"from": "2024", "to": "2024"}

    assert who(event("procedure", when=year)) == "p"
    assert who(event("imaging", when=year)) == "p"
    assert who(event("condition", "cough", when={"from": "2023", "to": "2023"})) == "p"


def test_near_is_around_the_start_of_an_event_or_its_end() -> None:
    put(
        patient(),
        resource(
            "Encounter",
            "e",
            type=[{"text": "stay"}],
            period={"start": "2024-03-01", "end": "2024-04-01"},
        ),
        condition("c", "flu", "2024-04-05"),
    )
    follow()
    stay = event("encounter", "stay", as_="a")

    def near(anchor: str, from_: str | None, to: str | None) -> str:
        return who({"all": [stay, flu(when={"near": anchor, "from": from_, "to": to})]})

    assert near("a", "P0D", "P30D") == ""
    assert near("a", "P0D", "P35D") == "p"
    assert near("a.end", "P0D", "P4D") == "p"
    assert near("a.end", None, "P0D") == ""
    assert near("a", "P1M", None) == "p"
    assert near("a", None, "P1M") == ""


def test_an_event_is_while_another_runs() -> None:
    def drug(id_: str, who_: str, status: str, **bounds: str) -> dict[str, object]:
        dosage = [{"timing": {"repeat": {"boundsPeriod": bounds}}}] if bounds else []
        return resource(
            "MedicationRequest",
            id_,
            who_,
            status=status,
            authoredOn="2024-01-01",
            medicationCodeableConcept={"text": "drug"},
            **({"dosageInstruction": dosage} if dosage else {}),
        )

    put(
        *(patient(id_) for id_ in "abcd"),
        drug("a", "a", "completed", start="2024-02-01", end="2024-06-01"),
        drug("b", "b", "active"),
        drug("c", "c", "completed"),
        drug("d", "d", "completed", start="2024-07-01", end="2024-09-01"),
        *(condition(f"c{id_}", "flu", "2024-06-01", id_) for id_ in "abcd"),
    )
    follow()
    during = {"all": [event("medication", "drug", as_="m"), flu(when={"during": "m"})]}

    # Over its bounds; an active one without an end still runs.
    assert who(during) == "a b"


def test_age_is_whole_years_and_could_be() -> None:
    births = {"a": "1980-01-01", "b": "1980-01-02", "c": "1980", "d": ""}
    for id_, born in births.items():
        put(patient(id_, **({"birthDate": born} if born else {})))
    follow()

    assert who({"patient": {"age": {"gte": 46}}}) == "a c"
    assert who({"patient": {"age": {"gt": 45, "lt": 47}}}) == "a c"
    assert who({"patient": {"age": {"lt": 46}}}) == "b c"
    assert who({"patient": {"age": {"eq": 45.5}}}) == ""
    assert counted({"patient": {"age": {"gte": 46}}}).could == 1
    # Of whom no birth date is known: neither this nor that, so not this.
    assert who({"not": {"patient": {"age": {"gte": 46}}}}) == "b d"
    assert who({"patient": {"age": {"gte": 40, "at": "2020-01-01"}}}) == "a c"


def test_who_is_born_on_29_february_has_a_birthday_on_1_march() -> None:
    put(patient(birthDate="2004-02-29"))
    follow()
    adult = {"patient": {"age": {"gte": 21}}}

    assert who(adult, now=date(2025, 2, 28)) == ""
    assert who(adult, now=date(2025, 3, 1)) == "p"
    assert who({"patient": {"age": {"gte": 20}}}, now=date(2024, 2, 29)) == "p"
    assert who({"patient": {"age": {"lte": 20}}}, now=date(2025, 2, 28)) == "p"


def test_age_is_that_at_the_event_or_at_a_named_one_also_of_the_dead() -> None:
    put(
        patient(birthDate="1950-06-01", deceasedDateTime="2001-01-01"),
        condition("c", "stroke", "2000-05-31"),
    )
    follow()

    assert who(event("condition", "stroke", age={"lt": 50})) == "p"
    assert who(event("condition", "stroke", age={"gte": 50})) == ""
    at = {"patient": {"age": {"eq": 49, "at": "@a"}}}
    assert who({"all": [event("condition", "stroke", as_="a"), at]}) == "p"
    assert who({"patient": {"age": {"gt": 74}}}) == "p"


def test_age_at_death_needs_both_dates() -> None:
    put(
        patient("a", birthDate="1950-06-01", deceasedDateTime="2000-05-31"),
        patient("b", birthDate="1950", deceasedDateTime="2000-05-31"),
        patient("c", birthDate="1950-06-01", deceasedBoolean=True),
        patient("d", deceasedDateTime="2000-05-31"),
        patient("e", birthDate="1950-06-01"),
    )
    follow()
    young = {"patient": {"age": {"lt": 50, "at": "death"}}}

    # Who was born in 1950 could have been either.
    assert who(young) == "a b"
    assert who({"patient": {"age": {"gte": 50, "at": "death"}}}) == "b"
    assert who({"not": young}) == "c d e"


def test_births_and_deaths() -> None:
    put(
        patient("a", birthDate="1980-06", deceasedDateTime="2024-02-01"),
        patient("b", birthDate="1980-06-15", deceasedBoolean=True),
        patient("c"),
        condition("c", "glioblastoma", "2023-03-01", "a"),
    )
    follow()

    assert who({"patient": {"birth": {"gt": "1980-06-15"}}}) == "a"
    assert who({"patient": {"birth": {"eq": "1980"}}}) == "a b"
    assert who({"patient": {"birth": {"lt": "1980-06"}}}) == ""
    assert who({"patient": {"deceased": True}}) == "a b"
    assert who({"patient": {"deceased": False}}) == "c"
    # A death in time needs a date.
    late = {"patient": {"deceased": {"when": {"from": "2000", "to": None}}}}
    assert who(late) == "a"
    within = {"deceased": {"when": {"near": "a", "from": "P0D", "to": "P1Y"}}}
    first = event("condition", "glioblastoma", as_="a")
    assert who({"all": [first, {"patient": within}]}) == "a"
