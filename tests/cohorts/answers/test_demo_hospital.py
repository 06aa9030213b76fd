"""The mission's sentence on the demo hospital gives the truth that was planted."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command

from tests.cohorts.hospital import NOW, PLANTED, SENTENCE, planted, values_of
from tests.fhirlink.linkage.world import World


def told(rows: list[dict[str, Any]]) -> set[str]:
    return {row["identifiers"][0]["value"] for row in rows}


def test_the_command_prints_what_was_planted(hospital: World, tmp_path: Path) -> None:
    file = tmp_path / "criteria.json"
    file.write_text(json.dumps(SENTENCE))
    printed = StringIO()
    asked = ("run", str(file), "--now", str(NOW), "--partition", hospital.name)

    call_command("cohort", *asked, "--json", stdout=printed)

    found = json.loads(printed.getvalue())
    assert found.keys() == {"patients", "outputs", "attrition"}
    assert told(found["patients"]) == {row["patient_id"] for row in PLANTED}
    assert len(found["patients"]) == len(PLANTED)
    outputs = found["outputs"]
    assert list(outputs) == ["medication", "imaging", "report", "document"]
    studies = [row["study_instance_uid"] for row in outputs["imaging"]]
    assert sorted(studies) == sorted(planted("imaging"))
    for what in ("medication", "report", "document"):
        assert told(outputs[what]) == values_of(planted(f"{what}s")), what
        assert len(outputs[what]) == len(planted(f"{what}s")), what
    assert [step["count"] for step in found["attrition"]][-1] == len(PLANTED)

    printed = StringIO()
    call_command("cohort", *asked, stdout=printed)
    assert printed.getvalue().startswith("6 patients on 2026-01-01")
    assert planted("imaging")[0] in printed.getvalue()
