"""Versions are kept, only owners change, and whom it is shared with sees it."""

from typing import Any

import pytest

from cohorts.answers.as_json import answer
from cohorts.answers.patient_rows import page_of_patients
from cohorts.answers.reading import reading_of
from cohorts.answers.running import answer_cohort
from cohorts.definitions.found import list_definitions, page_of_definitions
from cohorts.definitions.saving import (
    remove_definition,
    rename_definition,
    save_definition,
)
from cohorts.definitions.sharing import share_definition, unshare_definition
from cohorts.models import CohortRun, Definition, DefinitionKind, DefinitionVersion
from core.accounts.grants import scope_of
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.models import Account, AuditRecord, ScopeKind
from core.partitions import get_or_create_partition
from imaging.projects import create_project
from tests.actors import ALL_VERBS
from tests.cohorts.definitions.saved import cohort, concepts, owner, person
from tests.cohorts.execution.asked import condition, event, who
from tests.fhirlink.events.record import ACTOR, follow, patient, put

pytestmark = pytest.mark.django_db

FLU = event("condition", "flu")
FRACTURE = event("condition", "fracture")


@pytest.fixture(autouse=True)
def _record() -> None:
    put(
        patient("a"),
        patient("b"),
        condition("1", "flu", "2024-01-01", "a"),
        condition("2", "fracture", "2024-01-01", "b"),
    )
    follow()


def run(where: Any) -> CohortRun:
    criteria = {"v": 1, "where": where}
    return answer_cohort(actor=owner(), partition="default", criteria=criteria).run


def found(run: CohortRun) -> list[list[int]]:
    page = page_of_patients(reading_of(owner(), run.pk), limit=10)
    return [[each.leaf for each in row.reasons] for row in page.rows]


def test_each_change_is_a_version_and_the_newest_counts() -> None:
    saved = cohort("Ill", FLU)
    assert cohort("Ill", {"all": [FLU]}).pk == saved.pk  # says the same
    assert who({"cohort": "Ill"}, owner()) == "a"
    cohort("Ill", FRACTURE)
    assert who({"cohort": "Ill"}, owner()) == "b"
    kept = DefinitionVersion.objects.filter(definition=saved).order_by("number")
    assert [each.number for each in kept] == [1, 2]
    assert kept[0].content["where"] == FLU
    told = AuditRecord.objects.filter(action="configure").values_list(
        "detail", flat=True
    )
    assert sorted(each for each in told if "Ill" in each) == [
        "saved cohort Ill: saved version 1",
        "saved cohort Ill: saved version 2",
    ]


def test_a_run_keeps_what_it_has_asked_and_its_codes() -> None:
    cohort("Ill", {"any": [FLU, event("imaging")]})
    where = {"all": [event("condition"), {"cohort": "Ill"}]}
    asked = run(where)
    cohort("Ill", FRACTURE)
    cohort_removed = Definition.objects.get(name="Ill")
    remove_definition(actor=owner(), key=cohort_removed.pk)

    # The saved cohort is one leaf of what was asked, whatever is in it.
    assert found(asked) == [[0, 1]]
    assert b'"where.all.1"' in b"".join(answer(owner(), asked))
    asked.refresh_from_db()
    assert asked.criteria["where"] == where
    assert [(e["name"], e["version"]) for e in asked.used] == [("Ill", 1)]
    (concept,) = asked.resolved["concepts"]
    assert concept == {
        "concept": {"text": "flu"},
        "codes": [{"system": "", "code": "", "display": "flu"}],
        "number": 1,
    }
    with pytest.raises(Invalid):
        run(where)


def test_names_stay_what_they_name_when_it_is_renamed() -> None:
    inner = cohort("Ill", FLU)
    cohort("Well", {"not": {"cohort": "Ill"}})
    rename_definition(actor=owner(), key=inner.pk, name="Sick")
    assert who({"cohort": "Well"}, owner()) == "b"
    with pytest.raises(Conflict):
        rename_definition(actor=owner(), key=inner.pk, name="Well")


def test_only_its_owner_changes_it_and_others_do_not_see_it() -> None:
    saved = cohort("Ill", FLU)
    other = person("other", verbs=ALL_VERBS)
    with pytest.raises(NotFound):
        remove_definition(actor=other, key=saved.pk)
    assert list_definitions(actor=other, partition="default") == []
    share_definition(actor=owner(), key=saved.pk)
    assert list_definitions(actor=other, partition="default") == [saved]
    for change in (
        lambda: remove_definition(actor=other, key=saved.pk),
        lambda: rename_definition(actor=other, key=saved.pk, name="Mine"),
        lambda: share_definition(actor=other, key=saved.pk),
        lambda: unshare_definition(actor=other, key=saved.pk),
    ):
        with pytest.raises(Forbidden):
            change()
    # Of the same name is another one, and one's own goes first.
    cohort("Ill", FRACTURE, other)
    assert who({"cohort": "Ill"}, other) == "b"
    assert who({"cohort": str(saved.pk)}, other) == "a"
    third = person("third")
    share_definition(
        actor=other, key=Definition.objects.get(owner__username="other").pk
    )
    with pytest.raises(Invalid, match="Several"):
        who({"cohort": "Ill"}, third)
    unshare_definition(actor=owner(), key=saved.pk)
    assert who({"cohort": "Ill"}, third) == "b"


def test_a_project_is_shared_with_by_who_owns_it() -> None:
    partition = get_or_create_partition(actor=ACTOR, name="default")
    project = create_project(actor=ACTOR, partition="default", name="Lungs")
    scope = scope_of(ScopeKind.PROJECT, project.pk, partition)
    member = person("member", scope)
    saved = cohort("Mine", FLU, member)
    with pytest.raises(Forbidden):
        share_definition(actor=member, key=saved.pk, project="Lungs")
    with pytest.raises(NotFound):
        share_definition(actor=owner(), key=saved.pk, project="Lungs")
    head = person("member", scope, verbs=ALL_VERBS)
    share_definition(actor=head, key=saved.pk, project="Lungs")
    with pytest.raises(Forbidden):
        share_definition(actor=head, key=saved.pk)


def test_what_it_names_is_shared_first() -> None:
    inner = concepts("Flus", {"text": "flu"})
    saved = cohort("Ill", {"event": {"type": "condition", "code": {"set": "Flus"}}})
    with pytest.raises(Conflict, match="Flus"):
        share_definition(actor=owner(), key=saved.pk)
    share_definition(actor=owner(), key=inner.pk)
    share_definition(actor=owner(), key=saved.pk)
    other = person("other")
    assert who({"cohort": "Ill"}, other) == "a"
    unshare_definition(actor=owner(), key=inner.pk)
    with pytest.raises(Invalid, match="There is no saved set"):
        who({"cohort": "Ill"}, other)


@pytest.mark.parametrize(
    ("kind", "name", "content", "path"),
    [
        ("cohort", " ", {"v": 1, "where": FLU}, "name"),
        ("cohort", 'a "b"', {"v": 1, "where": FLU}, "name"),
        ("cohort", "a\0b", {"v": 1, "where": FLU}, "name"),
        (
            "cohort",
            "5f0c6a52-1fb2-4a45-a1fc-aaaaaaaaaaaa",
            {"v": 1, "where": FLU},
            "name",
        ),
        ("cohort", "x", {"where": FLU}, "v"),
        ("cohort", "x", {"v": 1, "where": {"cohort": "none"}}, "cohort"),
        ("set", "x", {"text": ""}, "content"),
        ("set", "x", {"v": 1, "where": FLU}, "content"),
        ("set", "x", [], "content"),
        ("set", "x", {"text": "\0"}, "content"),
    ],
)
def test_what_is_no_definition_is_not_kept(
    kind: str, name: str, content: Any, path: str
) -> None:
    with pytest.raises(Invalid) as refused:
        save_definition(
            actor=owner(),
            partition="default",
            kind=DefinitionKind(kind),
            name=name,
            content=content,
        )
    assert refused.value.path == path
    assert not Definition.objects.exists()


def test_who_is_no_account_saves_nothing() -> None:
    with pytest.raises(Forbidden):
        cohort("x", FLU, ACTOR)


def test_pages_go_by_name() -> None:
    for name in ("C", "A", "B"):
        cohort(name, FLU)
    concepts("S", {"text": "flu"})

    def page(after: Any) -> list[str]:
        found = page_of_definitions(
            actor=owner(),
            partition="default",
            kind=DefinitionKind.COHORT,
            limit=2,
            after=after,
        )
        return [each.name for each in found]

    assert page(None) == ["A", "B"]
    assert page(Definition.objects.get(name="B").pk) == ["C"]


def test_what_was_shared_stays_when_its_account_is_removed() -> None:
    leaving = person("leaving", verbs=ALL_VERBS)
    inner = concepts("Flus", {"text": "flu"}, leaving)
    where = {"event": {"type": "condition", "code": {"set": "Flus"}}}
    shared, own = cohort("Ill", where, leaving), cohort("Mine", FLU, leaving)
    for each in (inner, shared):
        share_definition(actor=leaving, key=each.pk)
    cohort("Theirs", {"cohort": "Ill"})

    Account.objects.get(username="leaving").delete()

    assert not Definition.objects.filter(pk=own.pk).exists()
    left = Definition.objects.get(pk=shared.pk)
    assert (left.owner, left.versions.get().actor) == (None, "leaving")
    # Others ask by it as before, also by what they have named it in.
    assert who({"cohort": "Ill"}, person("other")) == "a"
    assert who({"cohort": "Theirs"}, owner()) == "a"
    listed = list_definitions(actor=person("other"), partition="default")
    assert [(each.name, each.owner) for each in listed] == [
        ("Flus", None),
        ("Ill", None),
    ]
    with pytest.raises(Forbidden, match="was of a removed account"):
        rename_definition(actor=owner(), key=shared.pk, name="Sick")
    # Whoever comes later under its name has nothing of it.
    again = person("leaving", verbs=ALL_VERBS)
    cohort("Ill", FRACTURE, again)
    assert who({"cohort": "Ill"}, again) == "b"
