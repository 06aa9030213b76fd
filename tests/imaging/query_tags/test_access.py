"""Searches by tags find what may be seen, by what may be known, and are audited."""

import pytest
from django.db import connection

from core.access import Actor, Verb
from core.errors import Forbidden
from core.models import AuditRecord, Partition
from core.partitions import get_or_create_partition
from core.reach import Reach, ScopeKey
from imaging.levels import Level
from imaging.models import QueryTag
from imaging.query import Target, parse, search
from imaging.query.search import scene_of
from imaging.query.sql import compile_query
from imaging.query_tags.errors import count_faults, list_faults
from imaging.query_tags.known import known_tags
from imaging.scopes import scope_of_study
from tests.actors import READING, acting
from tests.imaging.query_tags.tagging import find, instance, ready
from tests.imaging.stores import ADMIN, store

pytestmark = pytest.mark.django_db(transaction=True)


def stored() -> dict[str, int]:
    """Store a study into each of three partitions; return the keys of these."""
    for number, name in enumerate(("one", "two", "three"), 1):
        one = instance(
            f"{number}", f"{number}.1", f"{number}.1.1",
            PatientComments="told", ProtocolName="Head",
        )  # fmt: skip
        store(one, partition=name)
    return dict(Partition.objects.values_list("name", "pk"))


def test_only_what_is_reached_is_found() -> None:
    ready("PatientComments")
    keys = stored()
    assert find("PatientComments=told", partition=None) == ["3", "2", "1"]
    assert find("PatientComments=told", partition="two") == ["2"]
    some = acting(1, "some", READING, frozenset({keys["one"], keys["three"]}))
    assert find("PatientComments=told", partition=None, actor=some) == ["3", "1"]
    assert find("PatientComments=t*", partition=None, actor=some) == ["3", "1"]
    scope = scope_of_study(actor=ADMIN, partition="two", study_instance_uid="2")
    scopes = frozenset({ScopeKey(scope.pk, keys["two"])})
    granted = Actor(2, "granted", dict.fromkeys(READING, Reach(frozenset(), scopes)))
    assert find("PatientComments=told", partition=None, actor=granted) == ["2"]
    both = Reach(frozenset({keys["one"]}), scopes)
    more = Actor(3, "more", dict.fromkeys(READING, both))
    assert find("PatientComments=told", partition=None, actor=more) == ["2", "1"]
    nothing = acting(4, "nothing", READING, frozenset())
    assert find("PatientComments=told", partition=None, actor=nothing) == []


def test_who_does_not_see_patients_cannot_search_by_what_would_tell() -> None:
    ready("PatientComments")
    ready("BodyPartThickness", level="series")
    stored()
    reader = acting(1, "researcher", {Verb.READ})
    with pytest.raises(Forbidden, match="PatientComments"):
        find("PatientComments=told", partition=None, actor=reader)


def test_a_search_by_a_tag_is_audited_as_it_was_asked() -> None:
    ready("PatientComments")
    stored()
    find("PatientComments=told", partition="one")
    told = AuditRecord.objects.filter(action="search").latest("pk")
    assert told.query == "PatientComments=told"
    assert "told" not in told.detail


def test_errors_are_seen_by_who_sees_the_study() -> None:
    for number, name in enumerate(("one", "two"), 1):
        one = instance(f"{number}", f"{number}.1", f"{number}.1.1", PatientAge="old")
        store(one, partition=name)
    ready("PatientAge")
    keys = dict(Partition.objects.values_list("name", "pk"))
    tag = QueryTag.objects.get().pk
    some = acting(1, "some", READING, frozenset({keys["two"]}))
    for actor, uids in ((ADMIN, ["1", "2"]), (some, ["2"])):
        found = list_faults(actor=actor, path="PatientAge")
        assert [each.study_instance_uid for each in found] == uids
        assert count_faults(actor=actor, tags=[tag]) == {tag: len(uids)}
    assert QueryTag.objects.get().is_enabled is False


def test_a_value_is_found_in_the_order_of_the_page() -> None:
    """One descent of the index: no sort, and no look at what does not match."""
    ready("ProtocolName", level="series")
    ready("RequestedProcedureDescription")
    key = get_or_create_partition(actor=ADMIN, name="default")
    of_series, of_studies = QueryTag.objects.order_by("pk").values_list("pk", flat=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO imaging_study (partition_id, study_instance_uid)"
            " SELECT %s, n::text FROM generate_series(1, 2000) n",
            [key],
        )
        cursor.execute(
            "INSERT INTO imaging_series (study_id, series_instance_uid)"
            " SELECT id, n::text FROM imaging_study, generate_series(1, 5) n"
        )
        for tag, level in ((of_series, "series"), (of_studies, "study")):
            cursor.execute(
                "INSERT INTO imaging_tagvalue (tag_id, partition_id, row_id, part,"
                " text) SELECT %s, %s, id, 0, CASE WHEN id %% 2 = 0 THEN 'often in '"
                f" || %s ELSE id::text END FROM imaging_{level}",
                [tag, key, level],
            )
        for table in ("study", "series", "tagvalue"):
            cursor.execute(f"ANALYZE imaging_{table}")
    for asked, index in (
        ("ProtocolName=often in series", "imaging_tagvalue_pkey"),
        ("ProtocolName=7", "imaging_tagvalue_pkey"),
        ("RequestedProcedureDescription=often in study", "imaging_series_pkey"),
    ):
        query = parse(Target(Level.SERIES), asked.encode(), tags=known_tags())
        area = scene_of(ADMIN, "default", query, everywhere=False).area
        text, parameters = compile_query(query, area=area, columns=["e.id"])
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {text}", parameters)
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert index in plan, plan
        assert "Sort" not in plan, plan
        assert "Seq Scan" not in plan, plan
        found = search(actor=ADMIN, partition="default", query=query, base_url="x")
        assert found.number_of_results == 100 or "often" not in asked
