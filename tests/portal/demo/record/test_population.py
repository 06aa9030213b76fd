"""Records of a population: repeatable, coherent, of the planned size, as NDJSON."""

import json
from collections import Counter
from itertools import islice
from pathlib import Path

from django.core.management import call_command

from portal.demo.record.events import event_of
from portal.demo.record.house import shared_resources
from portal.demo.record.ndjson import write_ndjson
from portal.demo.record.population import life_at, population
from portal.demo.record.record import record_of
from portal.demo.stories import REFERENCE_DATE
from tests.portal.demo.record.reading import reference_to, references_of

LIVES = list(population(patients=300, seed=3))


def test_life_does_not_depend_on_the_size_of_the_population() -> None:
    assert LIVES[123] == life_at(123, seed=3)
    assert LIVES[123] != life_at(123, seed=4)


def test_a_population_costs_nothing_until_it_is_looked_at() -> None:
    assert list(islice(population(patients=10**12, seed=3), 2)) == LIVES[:2]


def test_a_patient_has_about_a_hundred_events() -> None:
    events = sum(1 for life in LIVES for each in record_of(life) if event_of(each))
    assert 80 <= events / len(LIVES) <= 120


def test_references_lead_to_what_was_written_before() -> None:
    shared = {reference_to(each) for each in shared_resources()}
    for life in LIVES:
        seen = set(shared)
        for resource in record_of(life):
            assert set(references_of(resource)) <= seen, reference_to(resource)
            seen.add(reference_to(resource))


def test_nothing_happens_before_birth_after_death_or_after_today() -> None:
    for life in LIVES:
        last = life.death_date or REFERENCE_DATE
        for event in filter(None, map(event_of, record_of(life))):
            assert life.birth_date.isoformat() <= event.date[:10], event
            assert event.date[:10] <= last.isoformat(), event


def test_ages_and_diseases_go_together() -> None:
    old = [life for life in LIVES if life.age(REFERENCE_DATE) >= 65]
    young = [life for life in LIVES if life.age(REFERENCE_DATE) < 35]
    rates = [
        sum(any("ypertension" in p.disease.words for p in life.problems) for life in of)
        / len(of)
        for of in (young, old)
    ]
    assert rates[0] == 0
    assert 0.2 < rates[1] < 0.7
    breast = [
        life
        for life in LIVES
        if any(p.disease.words == "Breast cancer" for p in life.problems)
    ]
    assert {life.sex for life in breast} == {"F"}


def test_lines_of_each_file_are_of_its_type(tmp_path: Path) -> None:
    resources = [each for life in LIVES[:20] for each in record_of(life)]
    counts = write_ndjson(iter(resources), tmp_path)
    assert counts == Counter(each["resourceType"] for each in resources)
    read = []
    for path in tmp_path.iterdir():
        lines = path.read_text(encoding="utf-8").splitlines()
        written = [json.loads(line) for line in lines]
        assert {each["resourceType"] for each in written} == {path.stem}
        read += written
    key = reference_to
    assert sorted(read, key=key) == sorted(resources, key=key)


def test_command_writes_the_same_bytes_twice(tmp_path: Path) -> None:
    for name in ("first", "second"):
        call_command("demo_record", patients=5, out=tmp_path / name, verbosity=0)
    first, second = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}
        for name in ("first", "second")
    )
    assert first == second
    assert len(first) > 15
