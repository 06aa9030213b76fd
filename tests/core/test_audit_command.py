"""``manage.py audit``."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from core import audit
from core.access import system
from core.audit import Action, Event
from core.models import AuditRecord

pytestmark = pytest.mark.django_db


def say(out: StringIO, verb: str) -> str:
    call_command("audit", verb, stdout=out)
    return out.getvalue().strip()


@pytest.fixture
def log() -> None:
    for detail in ("one", "two"):
        audit.record(Event(system("test"), Action.RETRIEVE, detail=detail))


@pytest.mark.usefixtures("log")
def test_seal_prints_the_hash_that_the_log_keeps() -> None:
    printed = say(StringIO(), "seal")
    sealed = AuditRecord.objects.get(action=Action.SEAL)
    assert printed == bytes(sealed.hash).hex()
    assert say(StringIO(), "verify") == "The audit log is whole."


@pytest.mark.usefixtures("log")
def test_verify_names_the_row_that_was_changed_and_fails() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_auditrecord DISABLE TRIGGER USER")
        cursor.execute("UPDATE core_auditrecord SET detail = 'x' WHERE detail = 'one'")
        cursor.execute("ALTER TABLE core_auditrecord ENABLE TRIGGER USER")
    out = StringIO()
    with pytest.raises(CommandError, match="broken in 1 places"):
        say(out, "verify")
    assert out.getvalue() == f"{audit.writer_name()}\trow 1\tchanged\n"
