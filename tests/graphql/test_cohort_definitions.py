"""Saved cohorts and concept sets in the graph: saved, shared, shown, asked."""

from typing import Any, Final

import pytest

from core.access import Verb
from tests.cohorts.definitions.saved import owner, person
from tests.cohorts.execution.asked import coded, condition
from tests.fhirlink.events.record import follow, patient, put
from tests.graphql.graph import ask, errors

pytestmark = pytest.mark.usefixtures("committing")

_DEFINITION: Final = (
    "{ ... on ChangedDefinition { definition { id name version content sharedWith } }"
    " ... on Fault { code path } }"
)
SAVE: Final = (
    "mutation ($k: CohortDefinitionKind!, $n: String!, $c: Criteria!) {"
    f" saveCohortDefinition(kind: $k, name: $n, content: $c) {_DEFINITION} }}"
)
SHARE: Final = (
    f"mutation ($id: UUID!) {{ shareCohortDefinition(id: $id) {_DEFINITION} }}"
)
UNSHARE: Final = (
    f"mutation ($id: UUID!) {{ unshareCohortDefinition(id: $id) {_DEFINITION} }}"
)
RENAME: Final = (
    "mutation ($id: UUID!, $n: String!) {"
    f" renameCohortDefinition(id: $id, name: $n) {_DEFINITION} }}"
)
REMOVE: Final = (
    "mutation ($id: UUID!) { removeCohortDefinition(id: $id) {"
    " ... on RemovedDefinition { id } ... on Fault { code } } }"
)
LIST: Final = (
    "{ cohortDefinitions(kind: COHORT) { totalCount edges { node { name owner isOwn"
    " version } } } }"
)
ONE: Final = (
    "query ($id: UUID!) { cohortDefinition(id: $id) { name versions { number content"
    " savedBy } } }"
)
RUN: Final = (
    "query ($c: Criteria!) { cohort(criteria: $c) { numberOfPatients { value }"
    " definitions { kind name version } resolved"
    " outputs(places: [1]) { place what } } }"
)
CODES: Final = (
    'query ($c: Criteria!) { conceptCodes(concept: $c, type: "condition") {'
    " system code display numberOfPatients } }"
)
FLU: Final[Any] = {"event": {"type": "condition", "code": {"text": "flu"}}}


def record() -> None:
    put(
        patient("a"),
        patient("b"),
        condition("1", "flu", "2024-01-01", "a"),
        coded("2", "http://x", "F1", "Flu of birds", "a"),
        coded("3", "http://x", "F1", "Flu of birds", "b"),
    )
    follow()


def save(kind: str, name: str, content: Any) -> Any:
    told = ask(SAVE, k=kind, n=name, c=content, actor=owner())
    return told["saveCohortDefinition"]


def test_a_cohort_is_saved_shared_renamed_run_and_removed() -> None:
    record()
    criteria = {"v": 1, "where": FLU}
    saved = save("COHORT", "Ill", criteria)["definition"]
    assert saved == {
        "id": saved["id"], "name": "Ill", "version": 1,
        "content": {**criteria}, "sharedWith": [],
    }  # fmt: skip
    key, other = saved["id"], person("other")
    assert ask(LIST, actor=other)["cohortDefinitions"]["edges"] == []
    assert ask(ONE, id=key, actor=other) == {"cohortDefinition": None}
    assert ask(SHARE, id=key, actor=other)["shareCohortDefinition"] == {
        "code": "FORBIDDEN", "path": None,
    }  # fmt: skip
    shared = ask(SHARE, id=key, actor=owner())["shareCohortDefinition"]
    assert shared["definition"]["sharedWith"] == [""]
    named = {"name": "Ill", "owner": "owner", "version": 1}
    assert ask(LIST, actor=other)["cohortDefinitions"] == {
        "totalCount": 1, "edges": [{"node": {**named, "isOwn": False}}],
    }  # fmt: skip
    older = {**criteria, "where": {"all": [FLU, {"patient": {"age": {"gte": 1}}}]}}
    assert save("COHORT", "Ill", older)["definition"]["version"] == 2
    told = ask(ONE, id=key, actor=other)["cohortDefinition"]
    assert [(e["number"], e["savedBy"]) for e in told["versions"]] == [
        (2, "owner"), (1, "owner"),
    ]  # fmt: skip
    assert told["versions"][1]["content"] == criteria
    output = [{"what": "patient"}, {"what": "condition"}]
    asked = {"v": 1, "where": {"not": {"cohort": "Ill"}}, "output": output}
    found = ask(RUN, c=asked, actor=other)["cohort"]
    assert found["definitions"] == [{"kind": "cohort", "name": "Ill", "version": 2}]
    assert found["outputs"] == [{"place": 1, "what": "condition"}]
    ask(RENAME, id=key, n="Sick", actor=owner())
    (refused,) = errors(RUN, c=asked, actor=other)
    assert (refused["code"], refused["path"]) == ("INVALID", "cohort")
    ask(UNSHARE, id=key, actor=owner())
    assert ask(ONE, id=key, actor=other) == {"cohortDefinition": None}
    assert ask(REMOVE, id=key, actor=other)["removeCohortDefinition"] == {
        "code": "NOT_FOUND"
    }
    assert ask(REMOVE, id=key, actor=owner())["removeCohortDefinition"] == {"id": key}


def test_a_concept_opens_what_it_means_and_one_is_left_out() -> None:
    record()
    birds = {"system": "http://x", "code": "F1", "display": "Flu of birds"}
    flu = {"system": "", "code": "", "display": "flu"}
    actor = owner()
    assert ask(CODES, c={"text": "flu"}, actor=actor)["conceptCodes"] == [
        {**birds, "numberOfPatients": 2},
        {**flu, "numberOfPatients": 1},
    ]
    code = {"system": "http://x", "code": "F1"}
    without = {"anyOf": [{"text": "flu"}], "not": [{"codes": [code]}]}
    assert save("SET", "Human flu", without)["definition"]["content"] == without
    told = ask(CODES, c={"set": "Human flu"}, actor=actor)["conceptCodes"]
    assert told == [{**flu, "numberOfPatients": 1}]
    # Who may count only is told neither how many, nor what fewer than five have.
    counting = person("counting", verbs=frozenset({Verb.READ}))
    assert ask(CODES, c={"text": "flu"}, actor=counting)["conceptCodes"] == []
    where = {"event": {"type": "condition", "code": {"set": "Human flu"}}}
    found = ask(RUN, c={"v": 1, "where": where}, actor=actor)["cohort"]
    assert found["numberOfPatients"] == {"value": 1}
    (concept,) = found["resolved"]["concepts"]
    assert (concept["concept"], concept["codes"]) == (without, [flu])


def test_a_value_set_of_fhir_is_a_set() -> None:
    record()
    codes = [{"code": "F1", "display": "Flu"}, {"code": "F2"}]
    value_set = {
        "resourceType": "ValueSet",
        "compose": {
            "include": [
                {"system": "http://x", "concept": codes},
                {
                    "system": "http://y",
                    "filter": [
                        {"property": "concept", "op": "descendent-of", "value": "R"}
                    ],
                },
            ],
            "exclude": [{"system": "http://x", "concept": [{"code": "F2"}]}],
        },
    }
    below = {"system": "http://y", "code": "R", "descendants": True}
    out = [{"system": "http://y", "code": "R"}, {"system": "http://x", "code": "F2"}]
    kept = [{"system": "http://x", "code": each["code"]} for each in codes]
    assert save("SET", "Flus", value_set)["definition"]["content"] == {
        "anyOf": [{"codes": [*kept, below]}],
        "not": [{"codes": out}],
    }
    refused = {"code": "INVALID", "path": "content"}
    for wrong in (
        {"resourceType": "Patient"},
        {"resourceType": "ValueSet"},
        {"resourceType": "ValueSet", "compose": {"include": [{"system": "http://x"}]}},
        {"resourceType": "ValueSet", "compose": {"include": [{"valueSet": ["u"]}]}},
        {"resourceType": "ValueSet", "compose": "x"},
        {"resourceType": "CodeSystem", "concept": [{"code": "1"}]},
    ):
        assert save("SET", "Wrong", wrong) == refused, wrong


def test_about_how_many_is_told_to_who_sees_patients() -> None:
    record()
    about = "query ($c: Criteria!) { cohortEstimate(criteria: $c) }"
    criteria = {"v": 1, "where": {"patient": {"age": {"gte": 0}}}}
    assert isinstance(ask(about, c=criteria, actor=owner())["cohortEstimate"], int)
    counting = person("counting", verbs=frozenset({Verb.READ}))
    assert ask(about, c=criteria, actor=counting) == {"cohortEstimate": None}


@pytest.mark.parametrize("after", ["x", "00000000-0000-4000-8000-000000000000"])
def test_a_cursor_of_another_list_is_refused(after: str) -> None:
    asked = (
        "query ($a: String) { cohortDefinitions(kind: SET, after: $a) { totalCount } }"
    )
    record()
    (refused,) = errors(asked, a=after, actor=owner())
    assert refused["code"] in {"INVALID", "NOT_FOUND"}
