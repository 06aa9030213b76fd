"""The whole change feed in the graph: typed entries, for those who may see each."""

from typing import Any, Final

import pytest
from django.db import transaction

from core.accounts.grants import Level, grant
from core.changefeed import Change, append
from core.models import AuditRecord, GroupGrant
from core.partitions import change_partition, create_partition
from imaging.delete import delete_instances
from imaging.projects import create_project, delete_project
from imaging.scopes import scope_of_partition
from tests.graphql.cast import account, acts, let, project
from tests.graphql.graph import ask, errors
from tests.graphql.test_grants import REVOKE, id_of
from tests.graphql.test_studies import statements
from tests.imaging.stores import ADMIN

pytestmark = pytest.mark.usefixtures("committing")

CHANGES: Final = """query ($f: ChangeFeedFilter, $n: Int! = 50, $a: String) {
  changes(filter: $f, first: $n, after: $a, metadata: true) {
    totalCount pageInfo { hasNextPage endCursor }
    edges { cursor node { __typename sequence action partitionName
      ... on ChangeFeedEntry { studyInstanceUid state dicomJson }
      ... on PartitionChange { partition { name } }
      ... on ProjectChange { project { name } }
      ... on GrantChange { level grant { account group } } } } } }"""


def told(name: str, **asked: Any) -> list[tuple[str, ...]]:
    """Return what somebody is told: the type, the action, and what it is about.

    That the default partition is there may have been told, or not.
    """
    page = ask(CHANGES, actor=acts(name), **asked)["changes"]
    assert page["totalCount"] == len(page["edges"])
    seen = [about(edge["node"]) for edge in page["edges"]]
    return [each for each in seen if each != ("PartitionChange", "CREATE", "default")]


def about(node: dict[str, Any]) -> tuple[str, ...]:
    what = node.get("studyInstanceUid")
    for field in ("partition", "project"):
        what = what or (node.get(field) or {}).get("name")
    held = node.get("grant") or {}
    what = what or held.get("account") or held.get("group") or ""
    level = [node["level"]] if "level" in node else []
    return node["__typename"], node["action"], what, *level


WARD: Final = [
    ("PartitionChange", "CREATE", "ward"),
    ("PartitionChange", "UPDATE", "ward"),
]
STUDIES: Final = [("ChangeFeedEntry", "CREATE", uid) for uid in ("1.1", "1.2")]
PROJECT: Final = [("ProjectChange", each, "sarcoma") for each in ("CREATE", "UPDATE")]
OWNER: Final = ("GrantChange", "CREATE", "owner", "OWN")
MEMBER: Final = ("GrantChange", "CREATE", "member", "SEE")


def test_each_is_told_what_they_may_see() -> None:
    project()
    ward = create_partition(actor=ADMIN, name="ward")
    change_partition(actor=ADMIN, name="ward", assigning_authority="x")
    everything = [*STUDIES, *PROJECT, OWNER, MEMBER, *WARD]
    assert told("administrator") == everything
    assert told("owner") == [STUDIES[0], *PROJECT, OWNER, MEMBER]
    assert told("member") == [STUDIES[0], *PROJECT, MEMBER]
    assert told("outsider") == []
    on = scope_of_partition(actor=ADMIN, partition=ward.name)
    grant(actor=ADMIN, scope=on, to=account("outsider"), level=Level.SEE)
    mine = ("GrantChange", "CREATE", "outsider", "SEE")
    assert told("outsider") == [*WARD, mine]
    assert errors(CHANGES, actor=acts("auditor"))[0]["code"] == "FORBIDDEN"


def test_who_sees_the_data_of_a_partition_is_not_told_who_else_does() -> None:
    made = project()
    let(made, "outsider", Level.SEE)
    done = ask(
        """mutation { grant(on: {}, level: SEE, group: "Researcher") {
        ... on Granted { grant { group } } } }"""
    )
    assert done["grant"]["grant"] == {"group": "Researcher"}
    assert GroupGrant.objects.count() == 1
    mine = ("GrantChange", "CREATE", "outsider", "SEE")
    assert told("outsider") == [*STUDIES, *PROJECT, mine]


def test_what_is_no_more_is_null() -> None:
    made = project()
    ask(REVOKE, id=id_of("member"), actor=acts("administrator"))
    assert told("administrator")[-2:] == [
        ("GrantChange", "CREATE", "", "SEE"),
        ("GrantChange", "DELETE", "", "SEE"),
    ]
    assert told("member") == [
        ("GrantChange", "CREATE", "", "SEE"),
        ("GrantChange", "DELETE", "", "SEE"),
    ]
    delete_instances(actor=ADMIN, partition="default", study_instance_uid="1.1")
    delete_project(actor=ADMIN, project_id=made.pk)
    assert told("administrator")[-2:] == [
        ("ChangeFeedEntry", "DELETE", "1.1"),
        ("ProjectChange", "DELETE", ""),
    ]


def test_pages_and_filters() -> None:
    project()
    create_partition(actor=ADMIN, name="ward")
    cursor, numbers = None, []
    while True:
        page = ask(CHANGES, n=3, a=cursor)["changes"]
        numbers += [edge["node"]["sequence"] for edge in page["edges"]]
        cursor = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert numbers == list(range(1, page["totalCount"] + 1))
    assert len(numbers) >= 7
    ward = {"partitions": ["ward"]}
    assert told("administrator", f=ward) == [("PartitionChange", "CREATE", "ward")]
    assert told("owner", f={"action": "UPDATE"}) == [PROJECT[1]]
    assert told("owner", f={"studyInstanceUid": "1.1"}) == [STUDIES[0]]
    assert errors(CHANGES, f=ward, actor=acts("owner"))[0]["code"] == "NOT_FOUND"
    assert errors(CHANGES, a="x")[0] == {"code": "INVALID", "path": "after"}


def test_statements_do_not_grow_with_the_entries() -> None:
    made = project()
    numbers = []
    for level in (Level.SEE, Level.IDENTIFY, Level.OWN):
        for name in ("outsider", "auditor", "administrator"):
            let(made, name, level)
        create_project(actor=ADMIN, partition="default", name=level.value)
        with statements() as done:
            told("administrator")
        numbers.append(len(done))
    assert numbers == numbers[:1] * 3


def test_only_what_tells_of_instances_is_a_look_at_data() -> None:
    project()
    told("outsider")
    told("member")
    told("administrator", f={"action": "UPDATE"})
    rows = AuditRecord.objects.filter(action="read-feed")
    (row,) = rows
    assert row.actor == "member"
    assert row.detail.startswith("metadata of 1 instances, from entry")


def test_a_study_of_the_name_of_a_key_opens_no_other_kind() -> None:
    """Keys of all kinds are texts: one that is some study's UID tells no more."""
    project()
    for kind in ("project", "grant", "partition"):
        change = Change(kind, "update", ("1.1", "account", "0", "see_scope"), 10**9)
        with transaction.atomic():
            append([change], actor=ADMIN)
    assert told("member") == [STUDIES[0], *PROJECT, MEMBER]


def test_kinds_that_no_type_tells_of_are_left_out() -> None:
    project()
    before = told("administrator")
    with transaction.atomic():
        append(
            [Change("workitem_subscription", "create", ("AE", "1.1"), 1)], actor=ADMIN
        )
    assert told("administrator") == before
