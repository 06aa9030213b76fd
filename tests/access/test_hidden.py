"""What is hidden from somebody, asked for beside what there is not."""

from typing import Any, Final

import pytest
from psycopg import Cursor

from core import partitions
from tests.access.cast import PARTITION, Cast
from tests.access.sending import bearer, send
from tests.imaging.dicomweb.service import Service
from tests.synthetic import instance

pytestmark = pytest.mark.usefixtures("committing")

HIDDEN: Final = "1.2.9.1"
ABSENT: Final = "1.2.9.2"
PATHS: Final = (
    "/dicomweb/studies/{study}",
    "/dicomweb/studies/{study}/metadata",
    "/dicomweb/studies/{study}/series",
    "/dicomweb/studies/{study}/instances",
    "/dicomweb/studies/{study}/bulkdata",
    "/dicomweb/studies/{study}/pixeldata",
    "/dicomweb/studies/{study}/series/{study}.1/metadata",
    "/dicomweb/studies/{study}/series/{study}.1/instances/{study}.2",
    "/dicomweb/studies/{study}/series/{study}.1/instances/{study}.2/metadata",
    "/dicomweb/studies/{study}/series/{study}.1/instances/{study}.2/frames/1",
    "/dicomweb/studies/{study}/series/{study}.1/instances/{study}.2/pixeldata",
    "/dicomweb/studies?StudyInstanceUID={study}",
    "/dicomweb/instances?StudyInstanceUID={study}",
    "/dicomweb/changefeed?studyInstanceUid={study}",
    '/graphql?query={{study(studyInstanceUid:"{study}"){{dicomJson}}}}',
)


def test_what_is_hidden_answers_like_what_is_absent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Status, headers, body and the statements of the database: no time tells."""
    cast = Cast()
    Service(name=PARTITION).store(
        instance(
            StudyInstanceUID=HIDDEN,
            SeriesInstanceUID=f"{HIDDEN}.1",
            SOPInstanceUID=f"{HIDDEN}.2",
        )
    )
    member, everybody = (bearer(cast, n) for n in ("member-identifying", "reader"))
    statements = counted(monkeypatch)
    for path in PATHS:
        seen = []
        for study in (HIDDEN, ABSENT):
            partitions.forget()  # else the one is looked up that comes 5 s later
            statements.clear()
            got = send("GET", path.format(study=study), member)
            headers = {**got.headers, "x-request-id": ""}
            text = got.text.replace(study, "")
            assert len(statements) > 1  # who it is, at least, and the audit log
            seen.append((got.status_code, headers, text, list(statements)))
        assert seen[0] == seen[1], path
        got = send("GET", path.format(study=HIDDEN), everybody)
        assert got.status_code == 200
        assert (got.text.replace(HIDDEN, ""), got.status_code) != (text, seen[0][0])


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that takes each statement that is sent to the database."""
    sent: list[str] = []
    execute = Cursor.execute

    def noted(self: Any, query: Any, *args: Any, **more: Any) -> Any:
        sent.append(str(query))
        return execute(self, query, *args, **more)

    monkeypatch.setattr(Cursor, "execute", noted)
    return sent
