"""The contract of whoever answers searches: the same answers, whatever is asked.

Random searches among random studies, in random areas: each backend finds what a plain
Python loop finds, in its order, page by page, and counts it. Seeded; more with
``PORTAL_SEARCHES=200`` (seeds) in the environment.
"""

import os
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, product
from typing import Any, Final

import pytest
from django.db import transaction

from core.access import system
from core.changefeed import Change, Op, append
from core.errors import Invalid
from core.models import Partition, Scope, ScopeKind
from imaging.feed import KIND
from imaging.models import Instance, InstanceVersion, Series, Study
from imaging.query import (
    AZURE_V1,
    AZURE_V2,
    STANDARD,
    Level,
    Query,
    Target,
    compose,
    free_text,
    parse,
    parse_sort,
)
from imaging.query.area import Area
from imaging.query.attributes import BY_TAG, resolve
from imaging.query.backend import Backend, Wanted
from imaging.query.backends import DATABASE
from imaging.query.elastic import answering
from imaging.query.elastic.follower import SearchFollower
from imaging.query.elastic.rebuilding import write_some
from imaging.query.facets import (
    BODY_PART,
    FACETS,
    MODALITY,
    MODEL,
    MONTH,
    YEAR,
    Count,
)
from imaging.query.order import make_cursor, parse_cursor
from imaging.query.order_sql import KEY, sort_columns
from imaging.query.postgresql import fetch
from imaging.query.sql import compile_query
from tests.imaging.query import drawing, oracle
from tests.imaging.query.drawing import Asked
from tests.imaging.query.rows import BODY_PARTS, hold_study

pytestmark = [pytest.mark.django_db, pytest.mark.peer("elasticsearch")]

SEEDS = range(int(os.environ.get("PORTAL_SEARCHES", "2")))
STUDIES = 16
SEARCHES = 150
GONE = STUDIES + 1  # number of a study that is removed again
RULES = [STANDARD, STANDARD, STANDARD, AZURE_V1, AZURE_V2]
UID = {Level.STUDY: "s.study_instance_uid", Level.SERIES: "e.series_instance_uid"}


class Archive:
    """Random studies in two partitions, some in scopes, and who answers of them.

    Parameters
    ----------
    changes
        Whether some of them have changed since the index was made, in every way there
        is: then it holds what is no longer so, and lacks what is new.
    """

    def __init__(self, draw: random.Random, *, changes: bool = False) -> None:
        self.draw = draw
        self.studies = [drawing.study(draw) for _ in range(STUDIES)]
        self.partitions = [Partition.objects.create(name=name) for name in "ab"]
        self.places: dict[str, Partition] = {}
        # The last ones: what is held anew counts as newest.
        new = range(STUDIES - STUDIES // 3, STUDIES + 1) if changes else ()
        for number, study in enumerate(self.studies, 1):
            place = draw.choice(self.partitions)
            self.places[str(number)] = place
            if number not in new:
                hold_study(place, number, study)
            elif draw.random() < 0.5:  # held as it was before
                hold_study(draw.choice(self.partitions), number, drawing.study(draw))
        if changes:
            hold_study(self.partitions[0], GONE, drawing.study(draw))
        changing = {str(number) for number in (*new, GONE)}
        self.scopes = [self._scope(changing) for _ in range(4)]
        write_some(0)
        if changes:
            self._change(changing)
        self.backends: list[Backend] = [DATABASE, answering.backend()]

    def _change(self, uids: Iterable[str]) -> None:
        """Have the studies as they are now; the index is not told yet."""
        for study in Study.objects.filter(study_instance_uid__in=uids):
            self._tell(study.partition, study.study_instance_uid, "delete")
            remove(study)
        for uid in sorted(self.places.keys() & set(uids), key=int):
            hold_study(self.places[uid], int(uid), self.studies[int(uid) - 1])
            self._tell(self.places[uid], uid, "create")

    def _tell(self, partition: Partition, uid: str, op: Op) -> None:
        key = (uid, f"{uid}.1", f"{uid}.1.1")
        change = Change(KIND, op, key, partition_id=partition.pk)
        with transaction.atomic():
            append([change], actor=system("test"))

    def _scope(self, changing: set[str]) -> tuple[int, str]:
        """Make a scope that leads to a study; return its key and the study's UID."""
        staying = Study.objects.exclude(study_instance_uid__in=changing)
        held = self.draw.choice(list(staying))
        scope, _ = Scope.objects.get_or_create(
            kind=ScopeKind.STUDY, object_id=held.pk, partition=held.partition
        )
        return scope.pk, held.study_instance_uid

    def area(self) -> tuple[Area, set[str]]:
        """Return a random area, and the UIDs of the studies in it."""
        everything = set(self.places)
        first, other = (part.pk for part in self.partitions)
        inside = {uid for uid, part in self.places.items() if part.pk == first}
        scoped = self.draw.sample(self.scopes, self.draw.randint(0, 3))
        keys, uids = [key for key, _ in scoped], {uid for _, uid in scoped}
        keys_inside = {key for key, uid in scoped if uid in inside}
        return self.draw.choice(
            [
                (Area(None), everything),
                (Area(None, without=[other]), inside),
                (Area([first], inside=first), inside),
                (Area(sorted([first, other])), everything),
                (Area([], scopes=sorted(set(keys))), uids),
                (Area([first], scopes=sorted(set(keys))), inside | uids),
                (Area([], scopes=sorted(keys_inside), inside=first), inside & uids),
            ]
        )


def remove(study: Study) -> None:
    """Remove the rows of a study."""
    Instance.objects.filter(study=study).delete()
    Series.objects.filter(study=study).delete()
    InstanceVersion.objects.filter(study_instance_uid=study.study_instance_uid).delete()
    study.delete()


@pytest.fixture(params=product(SEEDS, [False, True]), ids=str)
def archive(request: pytest.FixtureRequest, search_index: SearchFollower) -> Archive:
    seed, changes = request.param
    return Archive(random.Random(seed), changes=changes)


def searched(archive: Archive) -> tuple[Asked, Query]:
    """Return a random search above the level of instances."""
    while True:
        draw = archive.draw
        asked = drawing.search(draw, draw.choice(RULES), archive.studies)
        if asked.target.level is not Level.INSTANCE:
            return asked, parse(asked.target, asked.text().encode(), asked.rules)


def answers(backend: Backend, query: Query, area: Area) -> list[tuple[Any, ...]]:
    """Return UID, key and what it is sorted by of each row of a page."""
    level = query.target.level
    columns = [UID[level], KEY[level], *sort_columns(query.sort)]
    return backend.rows(query, area, Wanted(columns))


def walk(backend: Backend, query: Query, area: Area) -> list[str]:
    """Return the UIDs of all pages."""
    found: list[str] = []
    while True:
        rows = answers(backend, query, area)
        found += [row[0] for row in rows[: query.limit]]
        if len(rows) <= query.limit:
            return found
        _, key, *values = rows[query.limit - 1]
        cursor = make_cursor(query.target.level, query.sort, key, values)
        query = replace(query, cursor=parse_cursor(cursor))


def expected(asked: Asked, archive: Archive, uids: set[str]) -> list[str]:
    found = asked.expected(archive.studies)
    return [uid for uid in found if uid.partition(".")[0] in uids]


def all_find_and_count_the_same(archive: Archive) -> None:
    hits = 0
    for _ in range(SEARCHES):
        asked, query = searched(archive)
        area, uids = archive.area()
        wanted = expected(asked, archive, uids)
        hits += bool(wanted)
        for backend in archive.backends:
            what = (backend.name, asked, area)
            assert [row[0] for row in answers(backend, query, area)] == wanted, what
            assert backend.count(query, area) == len(wanted), what
    assert hits > SEARCHES / 5


def all_have_the_same_pages(archive: Archive) -> None:
    for _ in range(SEARCHES // 5):
        asked, query = searched(archive)
        area, uids = archive.area()
        limited = replace(query, limit=archive.draw.randint(1, 4))
        wanted = expected(asked, archive, uids)
        for backend in archive.backends:
            assert walk(backend, limited, area) == wanted, (backend.name, asked)


def counted(asked: Asked, archive: Archive, uids: set[str]) -> list[list[Count]]:
    """Return what a plain loop counts of modalities, years, months and so on."""
    found = set(expected(asked, archive, uids))
    studies = [s for n, s in enumerate(archive.studies, 1) if str(n) in found]
    modalities = [{s.modality for s in each.series} for each in studies]
    values: tuple[Iterable[Iterable[str]], ...] = (
        [each - {""} for each in modalities],
        [[each.date[:4]] for each in studies if each.date],
        [[each.date[:6]] for each in studies if each.date],
        [{BODY_PARTS[one] for one in each if one} for each in modalities],
        [{f"model {one}".lower().strip() for one in each} for each in modalities],
    )
    counts = (Counter(chain.from_iterable(many)) for many in values)
    return [
        [Count(*pair) for pair in sorted(each.items(), key=lambda p: (-p[1], p[0]))]
        for each in counts
    ]


def all_count_the_same_values(archive: Archive) -> None:
    for _ in range(SEARCHES // 3):
        asked, query = searched(archive)
        if query.target.level is not Level.STUDY:
            continue
        area, uids = archive.area()
        wanted = counted(asked, archive, uids)
        one, other = (each.facets(query, area, FACETS) for each in archive.backends)
        assert one == other, asked
        checked = (MODALITY, YEAR, MONTH, BODY_PART, MODEL)
        assert [one[FACETS.index(each)] for each in checked] == wanted, asked


def all_find_what_is_chosen_of_facets(archive: Archive) -> None:
    everything = Query(Target(Level.STUDY))
    for facet in FACETS:
        (counts,) = DATABASE.facets(everything, Area(None), [facet])
        for value, number in counts:
            query = compose(Target(Level.STUDY), {}, choices=[(facet, [value])])
            one, other = (answers(b, query, Area(None)) for b in archive.backends)
            assert one == other, (facet.field, value)
            assert len(one) == number, (facet.field, value)
        if values := [each.value for each in counts]:
            # Of a series its study is asked; the index knows that of studies alone.
            query = compose(Target(Level.SERIES), {}, choices=[(facet, values)])
            assert answers(DATABASE, query, Area(None)), facet.field


def every_sort() -> Sequence[str]:
    names = [each.keyword for each in BY_TAG.values() if each.sortable]
    return [sign + name for name in names for sign in ("", "-")]


def all_sort_the_same_by_every_attribute(archive: Archive) -> None:
    def find(name: str) -> Any:
        return BY_TAG[resolve(name) or ""]

    for sort in every_sort():
        for level in UID:
            keys = parse_sort(sort, find)
            if keys[0].attribute.level > level:
                continue
            query = Query(Target(level), sort=keys, limit=5)
            one, other = (walk(each, query, Area(None)) for each in archive.backends)
            assert one == other, sort
            assert len(one) == len(set(one)) >= STUDIES


def all_confine_to_a_project(archive: Archive) -> None:
    key, uid = archive.scopes[0]
    query = Query(Target(Level.STUDY), scope=key)
    for backend in archive.backends:
        assert [row[0] for row in answers(backend, query, Area(None))] == [uid]


def typed(archive: Archive) -> tuple[str, Query] | None:
    """Return free text, and the search for it; None where it holds no word."""
    level = archive.draw.choice(list(UID))
    text = drawing.words(archive.draw, archive.studies)
    try:
        asked = free_text(level, text)
    except Invalid as error:
        if "letter or a digit" not in str(error):
            raise
        return None
    return text, Query(Target(level), free_text=(asked,))


def by_each_word(query: Query) -> Iterator[Query]:
    """Yield the search as it begins by none of its words, and by each."""
    (asked,) = query.free_text
    for rare in (None, *range(len(asked.words))):
        yield replace(query, free_text=(asked._replace(rare=rare),))


def all_find_the_same_words(archive: Archive) -> None:
    hits = 0
    for _ in range(SEARCHES):
        if (asked := typed(archive)) is None:
            continue
        text, query = asked
        area, uids = archive.area()
        level = query.target.level
        matching = [
            found
            for found in drawing.results(level, archive.studies)
            if oracle.words_stand_in(text, found)
            and found.uid.partition(".")[0] in uids
        ]
        wanted = [found.uid for found in oracle.in_order(matching, ())]
        hits += bool(wanted)
        for backend in archive.backends:
            what = (backend.name, text, query)
            assert [row[0] for row in answers(backend, query, area)] == wanted, what
            assert backend.count(query, area) == len(wanted), what
        for form in by_each_word(query):
            found = fetch(*compile_query(form, area=area, columns=[UID[level]]))
            assert [uid for (uid,) in found] == wanted, form
    assert hits > SEARCHES / 5


CHECKS: Final = (
    all_find_and_count_the_same,
    all_have_the_same_pages,
    all_count_the_same_values,
    all_find_what_is_chosen_of_facets,
    all_sort_the_same_by_every_attribute,
    all_confine_to_a_project,
    all_find_the_same_words,
)


def test_all_answer_the_same(archive: Archive) -> None:
    """None of the checks changes the archive, which takes seconds to make."""
    drawn = archive.draw.getstate()
    for check in CHECKS:
        archive.draw.setstate(drawn)
        check(archive)
