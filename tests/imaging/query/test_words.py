"""Free text: how it is split into words, and where these are looked for."""

from typing import Any

import pytest
from django.db import connection

from core.access import Actor, Verb
from core.errors import Forbidden, Invalid
from core.models import AuditRecord, Partition
from core.reach import Reach
from imaging.models import QueryTag
from imaging.query import (
    Asked,
    Attribute,
    Kind,
    Level,
    Query,
    Row,
    Target,
    compose,
    count,
    find_page,
    free_text,
)
from imaging.query.area import Area
from imaging.query.sql import compile_query
from imaging.query.word_choice import begun_by_word
from imaging.query.word_conditions import rows_with, sources_of
from imaging.query.words import LONGEST_TEXT, LONGEST_WORD, MOST_WORDS, Word, words_of
from imaging.query_tags.known import known_tags
from tests.actors import READING, acting
from tests.imaging.query.rows import hold, model
from tests.imaging.query_tags.tagging import instance, ready
from tests.imaging.stores import ADMIN, store

UID = {Level.STUDY: "0020000D", Level.SERIES: "0020000E"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("smith", ["smith*"]),
        ("smith ", ["smith"]),
        ("chest CT Smith", ["chest", "ct", "smith*"]),
        ("che* ct ", ["che*", "ct"]),
        ("Smith^John", ["smith", "john*"]),
        ("smith, john", ["smith", "john*"]),
        ("smith,", ["smith"]),
        ("2024-01-31 ct", ["20240131", "ct*"]),
        ("2024-01 ct", ["202401*", "ct*"]),
        ("2024-1234 ", ["2024", "1234"]),
        ("MÜLLER ", ["müller|muller"]),
        ("山田\u3000太郎 ", ["山田", "太郎"]),
        ("\u202eשלם ", ["\u202eשלם"]),
        ("e\u0301tude ", ["étude|etude"]),
        ("a'b\"c\\d%e_f ", ["a", "b", "c", "d", "e", "f"]),
        ("a\0b c&d|!e:* ", ["ab", "c", "d", "e*"]),
        ("ct CT Ct ", ["ct"]),
        ("\ufb01ne\ud800 ", ["fine"]),
    ],
)
def test_text_is_split_into_words(text: str, expected: list[str]) -> None:
    found = words_of(text)
    assert ["|".join(w.forms) + "*" * w.begins for w in found] == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "letter or a digit"),
        (" *,^%\0 ", "letter or a digit"),
        (" ".join(f"w{n}" for n in range(MOST_WORDS + 1)), f"{MOST_WORDS} words"),
        ("x" * (LONGEST_WORD + 1), f"{LONGEST_WORD} characters"),
        ("\u3300" * 20, f"{LONGEST_WORD} characters"),
        ("x " * LONGEST_TEXT, f"{LONGEST_TEXT} characters"),
    ],
)
def test_what_holds_no_word_or_too_much_is_refused(text: str, said: str) -> None:
    with pytest.raises(Invalid, match=said) as refused:
        words_of(text)
    assert refused.value.path == "words"


def search_of(text: str, level: Level = Level.STUDY) -> Query:
    tags = [held.attribute for held in known_tags().values() if not held.refusal]
    return compose(Target(level), {}, free_text=[free_text(level, text, tags)])


def uid(row: Row) -> str:
    return str(row.attributes[UID[row.level]]["Value"][0])


def find(text: str, level: Level = Level.STUDY, actor: Actor = ADMIN) -> list[str]:
    """Return the UIDs of what is found, newest first."""
    asked = search_of(text, level)
    page = find_page(actor=actor, partition=None, query=asked, base_url="x")
    found = [uid(row) for row in page.rows]
    assert count(actor=actor, partition=None, query=asked).value == len(found)
    return found


@pytest.mark.django_db
def test_words_stand_in_a_study_and_its_series_together() -> None:
    partition = Partition.objects.create(name="p")
    for study, name in (("1", "Smith^John=山田^太郎"), ("2", "Smythe^Jo")):
        for series, what in ((f"{study}.1", "axial"), (f"{study}.2", "coronal")):
            hold(
                partition,
                model(
                    SOPClassUID="1.2", SOPInstanceUID=f"{series}.1",
                    StudyInstanceUID=study, SeriesInstanceUID=series,
                    PatientName=name, PatientID=f"ID-{study}", Modality="CT",
                    StudyDate="20240131", StudyDescription="Größe / Kopf-CT",
                    SeriesDescription=what, ManufacturerModelName="Force",
                ),
            )  # fmt: skip
    assert find("axial coronal smith") == ["1"]
    assert find("axial coronal smith", Level.SERIES) == []
    assert find("ct axial john", Level.SERIES) == ["1.1"]
    for both in ("sm", "2024", "2024-01-31 force", "kopf CT GRÖSSE ", "jo", "ID"):
        assert find(both) == ["2", "1"], both
    for one in ("Smith^John", "smith, john", "john smith", "太郎 ", "id-1", "1 axial "):
        assert find(one) == ["1"], one
    for none in ("smi ct", "mith", "2024-02", "joh ", "axialcoronal"):
        assert find(none) == [], none


@pytest.mark.django_db
def test_text_of_any_length_is_stored_and_its_beginning_found() -> None:
    partition = Partition.objects.create(name="p")
    texts = {
        "1": "begin " + " ".join(f"word{n}" for n in range(100_000)),
        "2": "begin " + "x" * 1_000_000,
        "3": "begin " + "山" * 20_000 + " far",
    }
    for study, text in texts.items():
        hold(
            partition,
            model(
                SOPClassUID="1.2", SOPInstanceUID=f"{study}.1.1",
                StudyInstanceUID=study, SeriesInstanceUID=f"{study}.1",
                StudyDescription=text, SeriesDescription=text,
                RequestAttributesSequence=[
                    model(ScheduledProcedureStepID=text[:500], RequestedProcedureID="r")
                ] * 20,
            ),
        )  # fmt: skip
    assert find("begin ") == ["3", "2", "1"]
    assert find("word17 ") == ["1"]
    assert find("word99999 ") == []
    assert find("x" * LONGEST_WORD) == ["2"]
    assert find("x" * LONGEST_WORD + " ") == []
    assert find("山" * LONGEST_WORD) == ["3"]
    assert find("far") == []


def stored() -> dict[str, int]:
    """Store a study into each of two partitions; return the keys of these."""
    for number, name in enumerate(("one", "two"), 1):
        one = instance(
            f"{number}", f"{number}.1", f"{number}.1.1", PatientComments="Told twice",
            ProtocolName="Head first", PatientWeight=7777, ImageComments="noisy",
            PatientAge="077Y", PatientBirthName="Müller^Ágnes", PatientState="bad",
            AdditionalPatientHistory="once " * 2000 + "again",
        )  # fmt: skip
        store(one, partition=name)
    return dict(Partition.objects.values_list("name", "pk"))


@pytest.mark.django_db(transaction=True)
def test_words_stand_in_values_of_query_tags_with_text() -> None:
    ready("PatientComments", "PatientWeight", "PatientAge", "PatientState")
    ready("PatientBirthName", "AdditionalPatientHistory")
    ready("ProtocolName", level="series")
    ready("ImageComments", level="instance")
    QueryTag.objects.filter(path="00380500").update(is_enabled=False)
    stored()
    for text in (
        "told first",
        "077y",
        "muller",
        "MÜLLER^ag",
        "twice 077y head",
        "agai",
    ):
        assert find(text) == ["2", "1"], text
        assert find(text, Level.SERIES) == ["2.1", "1.1"], text
    for text in ("7777", "noisy", "bad", "old", "tol first"):
        assert find(text) == find(text, Level.SERIES) == [], text


@pytest.mark.django_db(transaction=True)
def test_words_and_query_tags_narrow_together() -> None:
    ready("PatientComments")
    ready("ProtocolName", level="series")
    stored()
    tags = known_tags()
    comments = tags["00104000"].attribute, Asked("told*")
    protocol = tags["00181030"].attribute, Asked("head*")
    for level, asked in ((Level.STUDY, [comments]), (Level.SERIES, [protocol])):
        for text, number in (("ct twice", 2), ("ct nowhere ", 0)):
            words = [free_text(level, text, (tag for tag, _ in (comments, protocol)))]
            query = compose(Target(level), {}, by_tags=asked, free_text=words)
            page = find_page(actor=ADMIN, partition=None, query=query, base_url="x")
            assert len(page.rows) == number, (level, text)


@pytest.mark.django_db(transaction=True)
def test_who_does_not_see_patients_finds_nothing_by_words() -> None:
    keys = stored()
    reader = acting(1, "reader", {Verb.READ})
    with pytest.raises(Forbidden, match="words"):
        find("ct", actor=reader)
    here = Reach(frozenset({keys["two"]}))
    reaches = {Verb.READ: Reach(None), Verb.VIEW_PHI: here}
    assert find("ct", actor=Actor(2, "some", reaches)) == ["2"]
    whole = acting(3, "whole", READING, frozenset({keys["one"]}))
    assert find("ct", actor=whole) == ["1"]


@pytest.mark.django_db(transaction=True)
def test_a_search_is_audited_with_its_words() -> None:
    stored()
    find("ct P1", Level.SERIES)
    told = AuditRecord.objects.filter(action="search").latest("pk")
    assert told.query == "series.words=ct%20P1"


GENERATED = """
INSERT INTO imaging_study (partition_id, study_instance_uid, patient_id_folded,
  study_description_folded)
SELECT %s, n::text, 'id' || n, CASE WHEN n %% 2 = 0 THEN 'common' ELSE 'other' END
FROM generate_series(1, 4000) n
"""


@pytest.fixture
def generated(db: None) -> Area:
    """Hold many studies, half of them with the same word; return where."""
    partition = Partition.objects.create(name="p")
    with connection.cursor() as cursor:
        cursor.execute(GENERATED, [partition.pk])
        cursor.execute(
            "INSERT INTO imaging_series (study_id, series_instance_uid, modality)"
            " SELECT id, study_instance_uid || '.1', 'MR' FROM imaging_study"
        )
        cursor.execute("ANALYZE imaging_study, imaging_series")
    return Area([partition.pk], inside=partition.pk)


@pytest.mark.parametrize("level", [Level.STUDY, Level.SERIES])
@pytest.mark.parametrize(
    ("text", "wanted", "rare"),
    [("mr id77 common ", 101, 1), ("mr common ", 101, None), ("common ", None, None)],
)
def test_a_search_begins_by_its_rare_word(
    generated: Area, level: Level, text: str, wanted: int | None, rare: int | None
) -> None:
    query = Query(Target(level), free_text=(free_text(level, text),))
    (begun,) = begun_by_word(query, wanted=wanted).free_text
    assert begun.rare == rare


def test_all_words_are_frequent_so_rows_are_gone_through_in_order(
    generated: Area,
) -> None:
    free = free_text(Level.STUDY, "mr common ")
    query = Query(Target(Level.STUDY), free_text=(free,))
    plan = planned(*compile_query(query, area=generated, columns=["s.id"]))
    assert "Sort" not in plan, plan
    assert "imaging_series_words" not in plan, plan


@pytest.mark.django_db
@pytest.mark.parametrize("level", [Level.STUDY, Level.SERIES])
def test_each_text_has_an_index_of_its_words(level: Level) -> None:
    """The expressions are those of the migration."""
    tags = [
        Attribute("00080005", "", of, Kind.TEXT, (), query_tag=1)
        for of in (Level.STUDY, Level.SERIES)
    ]
    free = free_text(level, "word", tags)
    names = ["study_words", "series_words", "tagvalue_words", "tagvalue_words"]
    if level is Level.SERIES:
        names[:2] = names[1::-1]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO imaging_tagvalue (tag_id, partition_id, row_id, part, text)"
            " SELECT 1, 1, n, 0, 'v' || n FROM generate_series(1, 3000) n"
        )
        cursor.execute("ANALYZE imaging_tagvalue")
        # Of tables that another test has analyzed while nothing was in them all indexes
        # cost the same.
        for table in ("imaging_study", "imaging_series"):
            cursor.execute("SELECT pg_clear_relation_stats('public', %s)", [table])
        # Nor does it look at each row by another index, whatever it knows of tables.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
    for source, name in zip(sources_of(free), names, strict=True):
        plan = planned(*rows_with(source, Word(("word",), begins=True), source.key))
        assert f"Bitmap Index Scan on imaging_{name}" in plan, plan


def planned(statement: str, parameters: list[Any]) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}", parameters)
        return "\n".join(row[0] for row in cursor.fetchall())
