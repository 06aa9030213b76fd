"""What criteria name is what it says, with the asker's own access."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cohorts.criteria import parse_criteria
from cohorts.definitions.inlining import MOST_NESTED
from cohorts.definitions.sharing import share_definition
from cohorts.execution.asking import count
from core.accounts.grants import scope_of
from core.errors import Invalid
from core.models import ScopeKind
from tests.cohorts.definitions.saved import cohort, concepts, owner, person
from tests.cohorts.execution.asked import (
    NOW,
    asked,
    coded,
    condition,
    event,
    who,
)
from tests.cohorts.execution.population import people, resources_of, studied
from tests.cohorts.execution.projects import lungs_of_one_of_two
from tests.cohorts.execution.random_criteria import nodes
from tests.fhirlink.events.record import ACTOR, follow, patient, put

pytestmark = pytest.mark.django_db

Json = Any


def test_a_question_with_a_saved_cohort_is_that_with_its_criteria_inside() -> None:
    put(*resources_of(studied(people(1, 12))))
    follow()
    actor = owner()
    aged = {"patient": {"age": {"gte": 0}}}
    everybody = who_matches(aged) | who_matches({"not": aged})

    @settings(
        max_examples=60,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(nodes(), nodes(), st.sampled_from(["all", "any", "not", "alone", "after"]))
    def agree(saved: Json, other: Json, how: str) -> None:
        try:
            for each in (saved, other):
                parse_criteria({"v": 1, "where": each})
        except Invalid:
            return
        cohort("X", saved)
        within: dict[str, Any] = {
            "all": lambda x: {"all": [x, other]},
            "any": lambda x: {"any": [other, x]},
            "not": lambda x: {"not": x},
            "alone": lambda x: x,
            "after": lambda x: {"all": [other, {"not": {"any": [x, x]}}]},
        }
        named = within[how]({"cohort": "X"})
        found, others = who_matches(saved), who_matches(other)
        right = {
            "all": found & others,
            "any": found | others,
            "not": everybody - found,
            "alone": found,
            "after": others - found,
        }[how]
        assert who_matches(named, actor) == right
        counted = count(asked(named, actor))
        assert counted.total == len(right)
        steps = named.get("all", [named])
        assert [step.criterion for step in counted.attrition][1:] == steps

    agree()


def who_matches(where: Json, actor: Any = ACTOR) -> frozenset[str]:
    return frozenset(who(where, actor, NOW).split())


def test_sets_are_their_concepts_wherever_concepts_stand() -> None:
    put(
        patient("a"),
        patient("b"),
        coded("1", "http://x", "A1", "Alpha", "a"),
        coded("2", "http://x", "B1", "Beta", "b"),
    )
    follow()
    concepts("Greek", {"anyOf": [{"text": "alpha"}, {"text": "beta"}]})
    concepts(
        "But beta",
        {
            "anyOf": [{"set": "Greek"}],
            "not": [{"codes": [{"system": "http://x", "code": "B1"}]}],
        },
    )
    actor = owner()

    def of(concept: Json) -> str:
        return who({"event": {"type": "condition", "code": concept}}, actor)

    assert of({"set": "Greek"}) == "a b"
    assert of({"set": "But beta"}) == "a"
    assert of({"anyOf": [{"set": "Greek"}], "not": [{"set": "But beta"}]}) == "b"
    asking = asked(
        event("condition"),
        actor,
        output=[{"what": "condition", "code": {"set": "Greek"}}],
    )
    assert {each.name for each in asking.used} == {"Greek"}


def test_names_of_events_inside_are_not_those_outside() -> None:
    put(
        patient("a"),
        condition("f", "flu", "2024-01-01", "a"),
        condition("g", "fracture", "2025-01-01", "a"),
    )
    follow()
    near = event(
        "condition", "fracture", when={"near": "dx", "from": "P0D", "to": "P2Y"}
    )
    cohort("Later", {"all": [event("condition", "flu", as_="dx"), near]})
    # The dx outside is another one than that inside; c0 is taken already.
    where = {
        "all": [
            event("condition", "fracture", as_="dx"),
            event(
                "condition", as_="c0", when={"near": "dx", "from": "P0D", "to": "P1D"}
            ),
            {"cohort": "Later"},
        ]
    }
    assert who(where, owner()) == "a"
    after = event("condition", when={"near": "dx", "from": "P1D", "to": None})
    assert who({"all": [*where["all"], after]}, owner()) == ""


def test_what_names_itself_is_refused_and_so_is_what_is_too_deep() -> None:
    put(patient("a"))
    follow()
    cohort("A", event("imaging"))
    cohort("B", {"not": {"cohort": "A"}})
    with pytest.raises(Invalid, match="names itself: A > B > A"):
        cohort("A", {"cohort": "B"})
    assert who({"cohort": "B"}, owner()) == "a"  # nothing was kept of it
    concepts("S", {"text": "flu"})
    with pytest.raises(Invalid, match="names itself"):
        concepts("S", {"anyOf": [{"set": "S"}, {"text": "x"}]})
    for number in range(1, MOST_NESTED - 1):
        cohort(f"L{number}", {"cohort": "B" if number == 1 else f"L{number - 1}"})
    with pytest.raises(Invalid, match=f"at most {MOST_NESTED} deep"):
        cohort("Deepest", {"cohort": f"L{MOST_NESTED - 2}"})


def test_who_is_found_is_what_the_asker_sees_and_not_what_the_owner_does() -> None:
    scope = lungs_of_one_of_two()
    saved = cohort("Scanned", event("imaging"))
    member, other, outsider = (
        person("member", scope),
        person("other"),
        person("outsider", scope_of(ScopeKind.STUDY, 7, scope.partition_id)),
    )
    share_definition(actor=owner(), key=saved.pk, project="Lungs")

    assert who({"cohort": "Scanned"}, owner()) == "a b"
    assert who({"cohort": "Scanned"}, member) == "a"
    assert who({"not": {"cohort": "Scanned"}}, member) == ""
    # Who reads all of the partition reads the project as well.
    assert who({"cohort": "Scanned"}, other) == "a b"
    for name in ("Scanned", str(saved.pk)):
        with pytest.raises(Invalid, match="There is no saved cohort"):
            asked({"cohort": name}, outsider)
