"""Extended query tags over HTTP: what Azure's DICOM service does, and what ours adds.

The statements of Azure's own tests, in the same words where they have some.
"""

import asyncio
from typing import Any, Final

import httpx
import pytest

from core.access import Verb
from core.models import AuditRecord, Operation
from core.operation_worker import run_operation
from imaging.models import QueryTag
from tests.actors import ALL_VERBS, acting
from tests.graphql.graph import ask as graph
from tests.imaging.dicomweb.service import HOST, ROOT, Service
from tests.synthetic import encode, instance, multipart, new_uid

pytestmark = pytest.mark.usefixtures("committing")

TAGS: Final = "/extendedquerytags"
JSON: Final = "application/dicom+json"
VERSIONS: Final = pytest.mark.parametrize("version", ["", "/v1", "/v2"])


def ask(
    path: str,
    method: str = "GET",
    json: Any = None,
    *,
    service: Service | None = None,
    version: str = "",
    **more: Any,
) -> httpx.Response:
    """Ask an address of the service."""

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(service or Service())
        async with httpx.AsyncClient(transport=transport, base_url=HOST) as web:
            return await web.request(
                method, f"{ROOT}{version}{path}", json=json, **more
            )

    return asyncio.run(send())


def add(*tags: dict[str, str], version: str = "") -> httpx.Response:
    return ask(TAGS, "POST", list(tags), version=version)


def work() -> None:
    """Have a worker do all operations to their ends."""
    for operation in Operation.objects.exclude(state="succeeded"):
        while run_operation(operation.pk):
            pass


def search(text: str, version: str = "", path: str = "/studies") -> httpx.Response:
    return ask(f"{path}?{text}", version=version, headers={"accept": JSON})


def stored(version: str = "/v1", age: str = "053Y") -> str:
    """Store an instance over HTTP by the rules of a dialect; return its study."""
    uid = new_uid()
    given = instance(
        StudyInstanceUID=uid, PatientID="P", PatientAge="053Y", PixelData=None
    )
    body, headers = multipart(encode(given).replace(b"053Y", age.encode()))
    answer = ask(
        "/studies",
        "POST",
        version=version,
        content=body,
        headers={**headers, "accept": JSON},
    )
    assert answer.status_code in {200, 202}, answer.text
    return uid


@VERSIONS
def test_a_tag_is_added_indexed_and_found(version: str) -> None:
    service = Service(name="default")
    old = instance(PatientSex="O", PixelData=None)
    service.store(old)
    answer = add({"path": "PatientSex", "level": "Study"}, version=version)
    assert answer.status_code == 202
    reference = answer.json()
    assert answer.headers["location"] == reference["href"]
    assert reference["href"] == f"{HOST}{ROOT}{version}/operations/{reference['id']}"

    operation = reference["href"].removeprefix(HOST + ROOT + version)
    waiting = ask(operation, version=version)
    assert (waiting.status_code, waiting.json()["status"]) == (202, "notStarted")
    assert waiting.headers["location"] == reference["href"]
    tag = ask(f"{TAGS}/PatientSex", version=version).json()
    assert (tag["status"], tag["operation"]) == ("adding", reference)
    if version:
        refused = search("PatientSex=O", version)
        assert refused.status_code == 400
        assert "PatientSex" in refused.text

    work()
    done = ask(operation, version=version)
    word = "completed" if version == "/v1" else "succeeded"
    assert (done.status_code, done.json()["status"]) == (200, word)
    assert done.json()["type"] == "reindex"
    assert done.json()["percentComplete"] == 100
    address = f"{HOST}{ROOT}{version}{TAGS}/00100040"
    assert done.json()["resources"] == [address]
    assert ask(f"{TAGS}/00100040", version=version).json() == {
        "path": "00100040",
        "vr": "CS",
        "level": "study",
        "status": "ready",
        "queryStatus": "enabled",
    }
    new = instance(PatientSex="O", PixelData=None)
    service.store(new)
    found = search("PatientSex=O", version).json()
    uids = [row["0020000D"]["Value"][0] for row in found]
    assert uids == [new.StudyInstanceUID, old.StudyInstanceUID]
    assert {row["00100040"]["Value"][0] for row in found} == {"O"}


def test_bad_values_disable_a_tag_and_are_listed() -> None:
    bad = {stored(age="abcd"), stored(age="defg")}
    good = stored()
    add({"path": "PatientAge", "level": "study"}, version="/v2")
    work()
    tag = ask(f"{TAGS}/PatientAge", version="/v2").json()
    href = f"{HOST}{ROOT}/v2{TAGS}/00101010/errors"
    assert tag["errors"] == {"count": 2, "href": href}
    assert (tag["status"], tag["queryStatus"]) == ("ready", "disabled")
    rows = ask(f"{TAGS}/PatientAge/errors", version="/v2").json()
    assert {row["studyInstanceUid"] for row in rows} == bad
    assert set(rows[0]) == {
        "partitionName",
        "studyInstanceUid",
        "seriesInstanceUid",
        "sopInstanceUid",
        "createdTime",
        "errorMessage",
    }
    assert "abc" not in rows[0]["errorMessage"]
    assert "def" not in rows[0]["errorMessage"]
    assert len(ask(f"{TAGS}/PatientAge/errors?limit=1").json()) == 1
    assert search("PatientAge=053Y", "/v2").status_code == 400

    changed = ask(
        f"{TAGS}/PatientAge", "PATCH", {"queryStatus": "Enabled"}, version="/v2"
    )
    assert (changed.status_code, changed.json()["queryStatus"]) == (200, "enabled")
    found = search("PatientAge=053Y", "/v2")
    assert found.status_code == 200
    assert found.headers["erroneous-dicom-attributes"] == "00101010"
    assert [row["0020000D"]["Value"][0] for row in found.json()] == [good]
    # What is deleted is no error any more.
    for uid in bad:
        assert ask(f"/studies/{uid}", "DELETE").status_code == 204
    assert "errors" not in ask(f"{TAGS}/PatientAge").json()
    found = search("PatientAge=053Y", "/v2")
    assert "erroneous-dicom-attributes" not in found.headers


def test_what_version_2_has_dropped_is_no_error() -> None:
    stored("/v2", age="abcd")
    add({"path": "PatientAge", "level": "study"}, version="/v2")
    work()
    assert "errors" not in ask(f"{TAGS}/PatientAge", version="/v2").json()


def test_version_1_refuses_bad_values_of_a_tag() -> None:
    add({"path": "PatientAge", "level": "study"})
    with pytest.raises(AssertionError, match="00081198"):
        stored("/v1", age="abcd")


@VERSIONS
@pytest.mark.parametrize(
    ("tags", "named"),
    [
        ([{"path": "PatientAge"}], "level"),
        ([{"level": "study"}], "path"),
        ([{"path": "", "level": "study"}], "path"),
        ([{"path": "PatientAge", "level": "Studys"}], "level"),
        ([{"path": "PatientAge", "level": "study", "vr": "XX"}], "vr"),
        ([{"path": "PatientAge", "level": "study", "vr": "LO"}], "AS"),
        ([{"path": "PixelData", "level": "instance"}], "7FE00010"),
        ([{"path": "PatientName", "level": "study"}], "00100010"),
        ([{"path": "NoSuchKeyword", "level": "study"}], "path"),
        ([{"path": "12051001", "level": "study", "vr": "SS"}], "privateCreator"),
        ([{"path": "12051001", "level": "study", "privateCreator": "A"}], "vr"),
        (
            [{"path": "PatientAge", "level": "study", "privateCreator": "A"}],
            "privateCreator",
        ),
        (
            [
                {
                    "path": "12051001",
                    "level": "study",
                    "vr": "SS",
                    "privateCreator": "A" * 65,
                }
            ],
            "privateCreator",
        ),
        ([{"path": "00020010", "level": "study"}], "00020010"),
        ([{"path": "FFFEE000", "level": "study"}], "FFFEE000"),
        ([{"path": "PatientAge", "level": 1}], "level"),
        (
            [
                {"path": "PatientAge", "level": "study"},
                {"path": "00101010", "level": "series"},
            ],
            "00101010",
        ),
        ([], "one"),
        ({}, "array"),
        (["PatientAge"], "object"),
    ],
)
def test_what_is_no_tag_is_refused_and_named(
    version: str, tags: Any, named: str
) -> None:
    answer = ask(TAGS, "POST", tags, version=version)
    assert answer.status_code == 400, answer.text
    assert named in answer.text
    assert not QueryTag.objects.exists()


@pytest.mark.parametrize(
    "tag",
    [
        {"path": "PatientWeight", "level": "study"},  # DS
        {"path": "PatientComments", "level": "study"},  # LT
        {
            "path": "RequestAttributesSequence.ScheduledProcedureStepID",
            "level": "series",
        },
    ],
)
def test_what_azure_does_not_index_only_ours_does(tag: dict[str, str]) -> None:
    assert add(tag, version="/v2").status_code == 400
    assert add(tag).status_code == 202


def test_azure_has_128_tags_at_most_and_ours_has_not() -> None:
    many = [
        {"path": f"0029{n:04X}", "level": "study", "vr": "LO", "privateCreator": "A"}
        for n in range(0x1000, 0x1080)
    ]
    assert add(*many, version="/v2").status_code == 202
    one = {"path": "PatientAge", "level": "study"}
    assert add(one, version="/v2").status_code == 400
    assert add(one).status_code == 202


def test_a_tag_that_is_there_is_a_conflict() -> None:
    assert add({"path": "PatientAge", "level": "study"}).status_code == 202
    assert add({"path": "00101010", "level": "series"}).status_code == 409
    private = {"level": "study", "vr": "LO", "privateCreator": "ACME"}
    assert add({"path": "00291001", **private}).status_code == 202
    # The same attribute: it may stand in any block.
    assert add({"path": "00291101", **private}).status_code == 409


def test_several_tags_are_all_added_or_none() -> None:
    good = {"path": "PatientAge", "level": "study"}
    bad = {"path": "PatientName", "level": "study"}
    assert add(good, bad).status_code == 400
    assert QueryTag.objects.count() == 0


def test_tags_are_listed_page_by_page() -> None:
    paths = ("00101010", "00181030", "00204000")
    add(*({"path": path, "level": "series"} for path in paths))
    assert [row["path"] for row in ask(TAGS).json()] == list(paths)
    assert [row["path"] for row in ask(f"{TAGS}?limit=1&offset=1").json()] == [paths[1]]
    for text in ("limit=0", "limit=201", "limit=x", "offset=-1"):
        assert ask(f"{TAGS}?{text}").status_code == 400


def test_a_deleted_tag_is_gone_with_its_values() -> None:
    uid = stored("/v2")
    add({"path": "PatientAge", "level": "study"})
    work()
    assert search("PatientAge=053Y").status_code == 200
    assert ask(f"{TAGS}/PatientAge", "DELETE").status_code == 204
    assert ask(f"{TAGS}/PatientAge").json()["status"] == "deleting"
    assert ask(f"{TAGS}/PatientAge", "DELETE").status_code == 409
    assert search("PatientAge=053Y").status_code == 400
    work()
    assert ask(f"{TAGS}/PatientAge").status_code == 404
    assert ask(f"{TAGS}/PatientAge", "DELETE").status_code == 404
    assert search("PatientAge=053Y").status_code == 400
    assert ask(f"/studies/{uid}/metadata").status_code == 200
    assert add({"path": "PatientAge", "level": "study"}).status_code == 202


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("PatientWeight", 404),
        ("NoSuch", 400),
        ("0010", 400),
        ("00101010.00101010.", 400),
        ("x" * 5000, 400),
        ("00101010%00", 400),
        (".".join(["00400275"] * 100), 400),
        ("%F0%9F%92%A9", 400),
    ],
)
def test_odd_paths_are_refused(path: str, status: int) -> None:
    for method, suffix in (("GET", ""), ("DELETE", ""), ("GET", "/errors")):
        assert ask(f"{TAGS}/{path}{suffix}", method).status_code == status


def test_a_query_status_must_be_one() -> None:
    add({"path": "PatientAge", "level": "study"})
    bodies: list[Any] = [{}, {"queryStatus": "on"}, {"queryStatus": 1}, [], {"x": "y"}]
    for body in bodies:
        assert ask(f"{TAGS}/PatientAge", "PATCH", body).status_code == 400


def test_changes_need_whole_data_managers_and_are_audited() -> None:
    bound = Service(actor=acting(None, "bound", ALL_VERBS, partitions=frozenset({1})))
    one = {"path": "PatientAge", "level": "study"}
    assert ask(TAGS, "POST", [one], service=bound).status_code == 403
    reader = Service(actor=acting(None, "reader", frozenset({Verb.READ})))
    assert ask(TAGS, "POST", [one], service=reader).status_code == 403
    assert ask(TAGS, service=reader).status_code == 200
    assert add(one).status_code == 202
    ask(f"{TAGS}/PatientAge", "PATCH", {"queryStatus": "disabled"})
    ask(f"{TAGS}/PatientAge", "DELETE")
    told = AuditRecord.objects.filter(action="configure").values_list(
        "detail", flat=True
    )
    assert list(told.order_by("pk")) == [
        f"{done} query tags: 00101010" for done in ("added", "disabled", "deleted")
    ]


def test_private_tags_are_found_in_any_block() -> None:
    service = Service(name="default")
    add(
        {
            "path": "12051001",
            "level": "instance",
            "vr": "SS",
            "privateCreator": "ACME",
        },
        {"path": "12050010", "level": "instance"},
    )
    work()
    uids = []
    for block in (0x10, 0x42):
        made = instance(PixelData=None)
        held = made.private_block(0x1205, "OTHER", create=True)
        held.add_new(0x01, "SS", 5)
        made.add_new((0x1205, block + 1), "LO", "ACME")
        made.add_new((0x1205, (block + 1) * 0x100 + 1), "SS", 7)
        service.store(made)
        uids.append(made.SOPInstanceUID)
    found = search("12051001=7", path="/instances").json()
    assert {row["00080018"]["Value"][0] for row in found} == set(uids)
    assert search("12051001=5", path="/instances").status_code == 204
    assert search("12050010=OTHER", path="/instances").status_code == 200


def test_operations_are_listed_by_state_and_type() -> None:
    add({"path": "PatientAge", "level": "study"})
    work()
    ask(f"{TAGS}/PatientAge", "DELETE")
    for text, expected in (
        ("", ["remove-query-tag", "reindex"]),
        ("?status=notStarted", ["remove-query-tag"]),
        ("?type=reindex", ["reindex"]),
        ("?type=reindex&status=failed", []),
        ("?type=%00", []),
    ):
        rows = ask(f"/operations{text}").json()
        assert [row["type"] for row in rows] == expected, text
    completed = ask("/operations?status=completed", version="/v1").json()
    assert [row["status"] for row in completed] == ["completed"]
    for text in ("?status=completed", "?status=x", "?status=%00"):
        assert ask(f"/operations{text}").status_code == 400
    found = graph(
        '{ operations(kind: "reindex", state: SUCCEEDED) {'
        " totalCount edges { node { kind } } } }"
    )["operations"]
    assert found == {"totalCount": 1, "edges": [{"node": {"kind": "reindex"}}]}
