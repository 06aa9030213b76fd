"""Views of one's own in the graph: kept for the account, few and small."""

from typing import Any, Final

import pytest

from core.models import Account, AuditRecord, SavedView
from core.saved_views import MAXIMUM
from tests.graphql.cast import acts
from tests.graphql.graph import ask
from tests.imaging.stores import ADMIN

pytestmark = pytest.mark.usefixtures("committing")

ANSWER: Final = (
    "{ ... on ChangedViews { views { name query } } ... on Fault { code path } }"
)
SAVE: Final = (
    f"mutation ($n: String!, $q: String!) {{ saveView(name: $n, query: $q) {ANSWER} }}"
)
REMOVE: Final = f"mutation ($n: String!) {{ removeView(name: $n) {ANSWER} }}"
LIST: Final = "{ me { views { name query } } }"


def views(*pairs: tuple[str, str]) -> dict[str, Any]:
    return {"views": [{"name": name, "query": query} for name, query in pairs]}


def test_a_view_is_kept_for_the_account_alone() -> None:
    owner, member = acts("owner"), acts("member")
    one, other = ("Brains", "modality=MR&sort=-StudyDate"), ("<b>a</b>", "")
    saved = ask(SAVE, n=one[0], q=one[1], actor=owner)["saveView"]
    assert saved == views(one)
    saved = ask(SAVE, n=f" {other[0]} ", q=other[1], actor=owner)["saveView"]
    assert sorted(saved["views"], key=str) == sorted(
        views(one, other)["views"], key=str
    )
    # Of the same name there is one.
    assert len(ask(SAVE, n="Brains", q="sex=F", actor=owner)["saveView"]["views"]) == 2
    assert SavedView.objects.get(name="Brains").query == "sex=F"
    assert ask(LIST, actor=member)["me"] == {"views": []}
    gone = {"code": "NOT_FOUND", "path": "name"}
    assert ask(REMOVE, n="Brains", actor=member) == {"removeView": gone}
    assert ask(REMOVE, n="Brains", actor=owner)["removeView"] == views(other)
    assert ask(LIST, actor=owner)["me"] == views(other)
    told = AuditRecord.objects.filter(action="configure").values_list(
        "detail", flat=True
    )
    assert list(told).count("saved a view") == 3
    assert list(told).count("removed a view") == 1


@pytest.mark.parametrize(
    ("name", "query", "path"),
    [(" ", "", "name"), ("x" * 81, "", "name"), ("x", "y" * 4001, "query")],
    ids=["no name", "long name", "long query"],
)
def test_views_are_small(name: str, query: str, path: str) -> None:
    fault = ask(SAVE, n=name, q=query, actor=acts("member"))["saveView"]
    assert fault == {"code": "INVALID", "path": path}


def test_views_are_few() -> None:
    actor = acts("member")
    member = Account.objects.get(pk=actor.account_id or 0)
    held = [SavedView(account=member, name=f"{n}") for n in range(MAXIMUM)]
    SavedView.objects.bulk_create(held)
    full = {"code": "CONFLICT", "path": None}
    assert ask(SAVE, n="one more", q="", actor=actor)["saveView"] == full
    assert len(ask(SAVE, n="7", q="sex=F", actor=actor)["saveView"]["views"]) == MAXIMUM


def test_who_is_no_account_keeps_none() -> None:
    assert ask(SAVE, n="x", q="", actor=ADMIN)["saveView"]["code"] == "FORBIDDEN"
    assert ask(LIST, actor=ADMIN)["me"] == {"views": []}
