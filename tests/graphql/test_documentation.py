"""The examples of docs/graphql.md work as they stand."""

import re
import subprocess
import sys

import httpx
import pytest
from graphql import build_schema, parse, validate

from portal.embedded.options import ROOT
from portal.management.commands.schema import FILE
from tests.stack import Stack
from tests.synthetic import encode, instance, multipart, new_uid

TEXT = (ROOT / "docs" / "graphql.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"(?:^    .*\n|^\n(?=    ))+", TEXT, re.MULTILINE)
OPERATIONS = [each for each in BLOCKS if each.strip().startswith(("query", "mutation"))]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_operations_are_of_the_schema(operation: str) -> None:
    schema = build_schema(FILE.read_text(encoding="utf-8"))
    assert validate(schema, parse(operation)) == []


def test_the_client_in_python_runs(stack: Stack) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    patient = f"P{new_uid()[-12:]}"
    datasets = [instance(PatientID=patient, StudyDate=f"202001{n}") for n in (10, 11)]
    body, headers = multipart(*map(encode, datasets))
    headers["Authorization"] = f"Bearer {stack.token}"
    url = f"{stack.base_url}/dicomweb/studies"
    assert httpx.post(url, content=body, headers=headers).status_code == 200
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PORTAL": stack.base_url, "TOKEN": stack.token, "PATIENT": patient},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *studies, change = done.stdout.splitlines()
    assert sorted(line.split()[0] for line in studies) == sorted(
        str(each.StudyInstanceUID) for each in datasets
    )
    assert {line.split()[1] for line in studies} == {"20200110", "20200111"}
    cursor, action, _uid = change.split()
    assert int(cursor) >= 1
    assert action == "CREATE"
