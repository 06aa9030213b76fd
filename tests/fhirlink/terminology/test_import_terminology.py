"""Code systems from files in the layouts of their publishers; contents are ours."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from core.models import AuditRecord
from fhirlink.models import Concept, ConceptAncestor
from fhirlink.terminology.hierarchy import concepts_below, has_hierarchy
from fhirlink.terminology.icd import SYSTEM as ICD
from fhirlink.terminology.loinc import SYSTEM as LOINC
from fhirlink.terminology.rxnorm import SYSTEM as RXNORM
from fhirlink.terminology.snomed import SYSTEM as SNOMED
from tests.fhirlink.events.record import follow, put, resource

pytestmark = pytest.mark.django_db


def load(format_: str, *paths: Path) -> None:
    call_command("import_terminology", format_, *map(str, paths))


def write(path: Path, *lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def displays(system: str) -> dict[str, str]:
    return dict(Concept.objects.filter(system=system).values_list("code", "display"))


def below(system: str, code: str) -> set[str]:
    keys = concepts_below(system, code)
    return set(Concept.objects.filter(pk__in=keys).values_list("code", flat=True))


def icd_line(number: int, code: str, title: str) -> str:
    return f"{number:05} {code:<7} 0 {title:<60} {title} at length"


def test_an_order_file_of_icd_names_codes_and_nests_them(tmp_path: Path) -> None:
    lines = [("T40", "Bones"), ("T402", "Leg"), ("T4021", "Left leg"), ("T41", "Ears")]
    path = write(
        tmp_path / "order.txt",
        *(icd_line(n, code, title) for n, (code, title) in enumerate(lines, 1)),
    )

    load("icd-10-cm", path)

    assert displays(ICD) == {
        "T40": "Bones at length",
        "T40.2": "Leg at length",
        "T40.21": "Left leg at length",
        "T41": "Ears at length",
    }
    assert below(ICD, "T40") == {"T40", "T40.2", "T40.21"}
    assert below(ICD, "T40.2") == {"T40.2", "T40.21"}


def test_a_file_of_icd_codes_and_titles_is_one_as_well(tmp_path: Path) -> None:
    load("icd-10-cm", write(tmp_path / "codes.txt", "T402    Leg", "T4021   Left leg"))

    assert below(ICD, "T40.2") == {"T40.2", "T40.21"}


def test_loinc_is_its_table_with_its_hierarchy(tmp_path: Path) -> None:
    table = write(
        tmp_path / "Loinc.csv",
        '"LOINC_NUM","COMPONENT","LONG_COMMON_NAME"',
        '"1-8","Sand","Sand [Mass/volume], dry"',
    )
    hierarchy = write(
        tmp_path / "ComponentHierarchyBySystem.csv",
        "PATH_TO_ROOT,SEQUENCE,IMMEDIATE_PARENT,CODE,CODE_TEXT",
        ",1,,LP1,Laboratory",
        "LP1,1,LP1,LP2,Sand",
        "LP1.LP2,1,LP2,1-8,Sand dry",
    )

    load("loinc", table, hierarchy)

    assert displays(LOINC)["1-8"] == "Sand [Mass/volume], dry"
    assert below(LOINC, "LP1") == {"LP1", "LP2", "1-8"}


def conso(rxcui: str, name: str, kind: str, source: str = "RXNORM") -> str:
    return f"{rxcui}|ENG||||||a{rxcui}||||{source}|{kind}|{rxcui}|{name}||N|4096|"


def rel(above: str, what: str, child: str) -> str:
    return f"{above}||CUI|RO|{child}||CUI|{what}|1||RXNORM|RXNORM||||4096|"


def test_rxnorm_drugs_are_below_their_ingredients(tmp_path: Path) -> None:
    write(
        tmp_path / "rrf" / "RXNCONSO.RRF",
        conso("1", "sandine", "IN"),
        conso("2", "sandine 5 MG", "SCDC"),
        conso("3", "sandine 5 MG Oral Tablet", "SCD"),
        conso("3", "Sandine Tab", "SY"),
        conso("4", "sandine 5 MG Oral Tablet [Beach]", "SBD"),
        conso("5", "of another source", "IN", source="OTHER"),
    )
    write(
        tmp_path / "rrf" / "RXNREL.RRF",
        rel("1", "has_ingredient", "2"),
        rel("2", "ingredient_of", "1"),
        rel("2", "consists_of", "3"),
        rel("3", "tradename_of", "4"),
    )

    load("rxnorm", tmp_path)

    assert displays(RXNORM)["3"] == "sandine 5 MG Oral Tablet"
    assert "5" not in displays(RXNORM)
    assert below(RXNORM, "1") == {"1", "2", "3", "4"}


def snomed(folder: Path, *pairs: tuple[str, str], names: str = "123") -> Path:
    head = "id\teffectiveTime\tactive\tmoduleId"
    write(
        folder / "Snapshot" / "Terminology" / "sct2_Description_Snapshot-en_X_1.txt",
        f"{head}\tconceptId\tlanguageCode\ttypeId\tterm\tcaseSignificanceId",
        *(
            f"{n}1\t20260101\t1\tm\t{n}\ten\t900000000000003001\tThing {n} (thing)\tc"
            for n in names
        ),
        "91\t20260101\t0\tm\t9\ten\t900000000000003001\tGone (thing)\tc",
        "92\t20260101\t1\tm\t1\ten\t900000000000013009\tA synonym\tc",
    )
    write(
        folder / "Snapshot" / "Terminology" / "sct2_Relationship_Snapshot_X_1.txt",
        f"{head}\tsourceId\tdestinationId\trelationshipGroup\ttypeId\tx\ty",
        *(f"7\t20260101\t1\tm\t{a}\t{b}\t0\t116680003\tx\ty" for a, b in pairs),
        "8\t20260101\t1\tm\t1\t3\t0\t363698007\tx\ty",
        "9\t20260101\t0\tm\t1\t3\t0\t116680003\tx\ty",
    )
    return folder


def test_snomed_is_the_snapshot_of_a_release(tmp_path: Path) -> None:
    load("snomed", snomed(tmp_path, ("3", "2"), ("2", "1")))

    assert displays(SNOMED) == {n: f"Thing {n} (thing)" for n in "123"}
    assert below(SNOMED, "1") == {"1", "2", "3"}
    assert below(SNOMED, "3") == {"3"}


def test_another_release_replaces_the_one_before(tmp_path: Path) -> None:
    load("snomed", snomed(tmp_path / "a", ("3", "2"), ("2", "1")))
    load("snomed", snomed(tmp_path / "b", ("2", "1"), names="12"))

    assert set(displays(SNOMED)) == {"1", "2"}
    assert ConceptAncestor.objects.count() == 1


def test_a_hierarchy_that_is_a_circle_is_refused_and_nothing_changes(
    tmp_path: Path,
) -> None:
    load("snomed", snomed(tmp_path / "a", ("2", "1")))

    with pytest.raises(CommandError, match=r"circle at [123]"):
        load("snomed", snomed(tmp_path / "b", ("1", "2"), ("2", "3"), ("3", "1")))

    assert below(SNOMED, "1") == {"1", "2"}


def fhir(path: Path, **members: Any) -> Path:
    return write(path, json.dumps(members))


def test_a_code_system_of_fhir_nests_its_concepts_or_names_parents(
    tmp_path: Path,
) -> None:
    leaf = {"code": "c", "display": "Cat"}
    concepts = [
        {"code": "a", "concept": [{"code": "m", "concept": [leaf]}]},
        {"code": "d", "property": [{"code": "parent", "valueCode": "m"}]},
    ]
    path = fhir(
        tmp_path / "cs.json",
        resourceType="CodeSystem",
        url="urn:animals",
        content="complete",
        concept=concepts,
    )

    load("fhir", path)

    assert displays("urn:animals")["c"] == "Cat"
    assert below("urn:animals", "a") == {"a", "m", "c", "d"}
    assert below("urn:animals", "m") == {"m", "c", "d"}


def test_a_value_set_names_codes_of_several_systems_and_takes_none_away(
    tmp_path: Path,
) -> None:
    load("snomed", snomed(tmp_path, ("2", "1")))
    include = [
        {"system": SNOMED, "concept": [{"code": "1", "display": "One"}]},
        {"system": "urn:other", "concept": [{"code": "x", "display": "X"}]},
    ]
    contains = [{"contains": [{"system": "urn:third", "code": "y", "display": "Y"}]}]
    path = fhir(
        tmp_path / "vs.json",
        resourceType="ValueSet",
        compose={"include": include},
        expansion={"contains": contains},
    )

    load("fhir", path)

    assert displays(SNOMED)["1"] == "One"
    assert set(displays(SNOMED)) == {"1", "2", "3"}
    assert below(SNOMED, "1") == {"1", "2"}
    assert displays("urn:other") == {"x": "X"}
    assert displays("urn:third") == {"y": "Y"}


def test_without_a_hierarchy_icd_codes_nest_by_prefix_and_others_do_not() -> None:
    put(
        *(
            resource("Condition", f"{n}", code={"coding": [{"system": s, "code": c}]})
            for n, (s, c) in enumerate(
                [
                    (ICD, "C40"),
                    (ICD, "C40.2"),
                    (ICD, "D40"),
                    (SNOMED, "1"),
                    (SNOMED, "12"),
                ]
            )
        )
    )
    follow()

    assert below(ICD, "C40") == {"C40", "C40.2"}
    assert below(ICD, "C4%") == set()
    assert below(SNOMED, "1") == {"1"}
    assert (has_hierarchy(ICD), has_hierarchy(SNOMED)) == (True, False)


def test_codes_of_data_stay_when_a_code_system_goes(tmp_path: Path) -> None:
    coding = {"system": SNOMED, "code": "3", "display": "Three"}
    put(resource("Condition", "c", code={"coding": [coding]}))
    follow()

    load("snomed", snomed(tmp_path / "a"))
    load("snomed", snomed(tmp_path / "b", names="12"))

    assert displays(SNOMED) == {
        "1": "Thing 1 (thing)",
        "2": "Thing 2 (thing)",
        "3": "",
    }


WRONG = [
    ("icd-10-cm", "file.txt", "hello", "line 1: This is neither an order file"),
    ("loinc", "file.csv", "a,b", "neither Loinc.csv nor a hierarchy"),
    ("fhir", "file.json", "{", "is no JSON"),
    ("fhir", "file.json", '{"resourceType":"Patient"}', "but Patient"),
    ("fhir", "file.json", '{"resourceType":"CodeSystem"}', "names no system"),
    ("rxnorm", "RXNCONSO.RRF", "1|2", "There is no RXNREL.RRF"),
    ("snomed", "sct2_Description_Snapshot.txt", "x", "no relationships of a snapshot"),
]


@pytest.mark.parametrize(("format_", "name", "content", "message"), WRONG)
def test_a_wrong_file_is_refused_with_what_is_wrong(
    tmp_path: Path, format_: str, name: str, content: str, message: str
) -> None:
    path = write(tmp_path / name, content)

    with pytest.raises(CommandError, match=message):
        load(format_, tmp_path if format_ in {"rxnorm", "snomed"} else path)

    assert not Concept.objects.exists()


def test_a_file_that_is_no_text_or_not_there_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(CommandError, match=r"no text in UTF-8"):
        load("icd-10-cm", path)
    with pytest.raises(CommandError, match="cannot be read"):
        load("icd-10-cm", tmp_path / "none.txt")


def test_a_load_stands_in_the_audit_log(tmp_path: Path) -> None:
    load("snomed", snomed(tmp_path))

    (event,) = AuditRecord.objects.filter(action="configure")
    assert event.detail == f"3 codes of {SNOMED} loaded"
