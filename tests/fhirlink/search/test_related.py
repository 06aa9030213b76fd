"""Codes below and above a code, in searches."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command

from fhirlink.terminology.icd import SYSTEM as ICD
from tests.fhirlink.service import Fhir

pytestmark = pytest.mark.usefixtures("committing")


def test_searches_ask_for_what_is_below_or_above_a_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = "urn:of:the:house"
    nested = {
        "resourceType": "CodeSystem",
        "url": here,
        "status": "active",
        "content": "complete",
        "concept": [
            {"code": "a", "concept": [{"code": "b", "concept": [{"code": "c"}]}]},
            {"code": "d"},
        ],
    }
    path = tmp_path / "system.json"
    path.write_text(json.dumps(nested), encoding="utf-8")
    call_command("import_terminology", "fhir", str(path))
    fhir = Fhir()
    for id_, system, code in (
        *((each, here, each) for each in "abcd"),
        ("icd", ICD, "C40.21"),
        ("other", "urn:other", "b"),
    ):
        coding = {"coding": [{"system": system, "code": code}]}
        fhir.put(
            f"Condition/{id_}",
            {
                "resourceType": "Condition",
                "id": id_,
                "subject": {"reference": "Patient/p"},
                "code": coding,
            },
        )

    def found(query: str) -> set[str]:
        answer = fhir.get(f"Condition?{query}")
        assert answer.status_code == 200, answer.text
        entries = answer.json().get("entry", [])
        return {each["resource"]["id"] for each in entries}

    assert found(f"code:below={here}|b") == {"b", "c"}
    assert found(f"code:below={here}|b,{here}|d") == {"b", "c", "d"}
    assert found(f"code:above={here}|b") == {"a", "b"}
    assert found(f"code:above={ICD}|C40.219") == {"icd"}
    # Of ICD it is known by its codes, once some have been seen.
    assert found(f"code:below={here}|nothing") == set()
    unknown = fhir.get("Condition?code:below=urn:other|b")
    assert unknown.status_code == 400
    assert "hierarchy" in unknown.json()["issue"][0]["diagnostics"]
    monkeypatch.setattr("fhirlink.search.compile.MOST_RELATED", 2)
    assert fhir.get(f"Condition?code:below={here}|a").status_code == 400
