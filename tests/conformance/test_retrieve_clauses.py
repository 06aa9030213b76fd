"""DICOM PS3.18 8 (negotiation) and 10.4 (Retrieve), clause by clause.

What single forms hold is tested in `tests/imaging/dicomweb`; here what all resources
of the transaction have in common. Rules without a version.
"""

from dataclasses import dataclass
from functools import partial
from typing import Final

import httpx
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ImplicitVRLittleEndian

from tests.imaging.dicomweb.service import Service, file_of, parts_of
from tests.synthetic import encode, instance

pytestmark = pytest.mark.usefixtures("committing")
FILES: Final = 'multipart/related; type="application/dicom"'
OCTETS: Final = 'multipart/related; type="application/octet-stream"'
OCTET_STREAM: Final = "application/octet-stream"
DICOM_JSON: Final = "application/dicom+json"


@dataclass(frozen=True)
class Resource:
    """A kind of target resource.

    Attributes
    ----------
    single
        A media type that it has without multipart.
    """

    level: str
    path: str
    single: str


RESOURCES: Final = {
    "10.4.1.1.1 study": Resource("study", "", FILES),
    "10.4.1.1.1 series": Resource("series", "", FILES),
    "10.4.1.1.1 instance": Resource("instance", "", "application/dicom"),
    "10.4.1.1.2 study": Resource("study", "/metadata", DICOM_JSON),
    "10.4.1.1.2 series": Resource("series", "/metadata", DICOM_JSON),
    "10.4.1.1.2 instance": Resource("instance", "/metadata", DICOM_JSON),
    "10.4.1.1.5": Resource(
        "instance", "/bulkdata/00111002", "application/octet-stream"
    ),
    "10.4.1.1.6": Resource("instance", "/frames/1", "application/octet-stream"),
}
EVERY: Final = pytest.mark.parametrize("kind", RESOURCES)


class Held:
    """An instance, and its resources."""

    def __init__(self) -> None:
        self.service = Service()
        self.dataset = instance()
        self.service.store(self.dataset)

    def url(self, kind: str, query: str = "", *, of: Dataset | None = None) -> str:
        resource = RESOURCES[kind]
        path = f"{resource.path}{query}"
        return self.service.url(of or self.dataset, resource.level, path)

    def get(self, kind: str, accept: str | None = None, **more: str) -> httpx.Response:
        return self.service.get(self.url(kind), accept, **more)


@pytest.fixture
def held() -> Held:
    return Held()


@EVERY
def test_8_3_3_1_the_accept_parameter_goes_before_the_header(
    held: Held, kind: str
) -> None:
    wanted = RESOURCES[kind].single
    plain = held.get(kind, wanted)
    for escaped in (wanted, wanted.replace("+", "%2B")):
        url = held.url(kind, f"?accept={escaped}")
        answer = held.service.get(url, "text/html")
        assert (answer.status_code, answer.content) == (200, plain.content)
    refused = held.service.get(held.url(kind, "?accept=text/html"), wanted)
    assert refused.status_code == 406


@EVERY
def test_8_3_3_2_text_comes_in_utf_8_only(held: Held, kind: str) -> None:
    for charset, status in (("utf-8", 200), ("ISO-8859-1,*", 200), ("latin1", 406)):
        url = held.url(kind, f"?charset={charset}")
        assert held.service.get(url).status_code == status


@EVERY
def test_8_4_head_tells_what_get_would(held: Held, kind: str) -> None:
    for accept in (None, RESOURCES[kind].single):
        get, head = held.get(kind, accept), held.get(kind, accept, method="HEAD")
        assert (head.status_code, head.content) == (200, b"")
        assert {**head.headers} == {**get.headers}
        assert "Accept" in get.headers["vary"]


@EVERY
def test_8_5_statuses_of_a_retrieve(held: Held, kind: str) -> None:
    other = instance()
    get = held.service.get
    assert get(held.url(kind)).status_code == 200
    assert get(held.url(kind, of=other)).status_code == 404
    other.StudyInstanceUID = held.dataset.StudyInstanceUID
    if RESOURCES[kind].level != "study":
        assert get(held.url(kind, of=other)).status_code == 404
    malformed = held.url(kind).replace("/studies/1.", "/studies/x.")
    assert get(malformed).status_code == 400
    assert get(held.url(kind), "text/html").status_code == 406
    assert get(held.url(kind), method="PATCH").status_code == 405


@EVERY
def test_8_5_a_form_that_the_client_has_is_not_sent(held: Held, kind: str) -> None:
    accept = RESOURCES[kind].single
    tag = held.get(kind, accept).headers["etag"]
    ask = partial(held.get, kind, accept)
    for value in (tag, f'"other", W/{tag}', "*"):
        answer = ask(if_none_match=value)
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == tag
    assert ask(if_none_match='"other"').status_code == 200
    assert ask(if_match='"other"').status_code == 412
    assert ask(if_match=tag).status_code == 200


@pytest.mark.parametrize(
    ("kind", "accept"),
    [
        ("10.4.1.1.1 study", FILES),
        ("10.4.1.1.1 series", FILES),
        ("10.4.1.1.1 instance", FILES),
        ("10.4.1.1.5", OCTETS),
        ("10.4.1.1.6", OCTETS),
    ],
)
def test_8_6_1_2_parts_say_what_and_where_they_are(
    held: Held, kind: str, accept: str
) -> None:
    answer = held.get(kind, f"{accept}; transfer-syntax=*")
    assert answer.headers["content-type"].startswith(f"{accept}; boundary=")
    ((headers, content),) = parts_of(answer)
    single = headers["content-type"].split(";")[0]
    there = held.service.get(
        headers["content-location"], f"{single}; transfer-syntax=*"
    )
    assert there.content == content
    assert there.headers["content-type"] == headers["content-type"]


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("application/dicom;q=0.2, multipart/related;q=0.9", "multipart/related"),
        ("application/dicom;q=0.9, multipart/related;q=0.2", "application/dicom"),
        ("text/html, application/dicom;q=0.1", "application/dicom"),
        ("application/*", "application/dicom"),
        ("multipart/*", "multipart/related"),
        ("application/dicom;q=0, multipart/related", "multipart/related"),
    ],
)
def test_8_7_4_the_best_weight_wins(held: Held, accept: str, content_type: str) -> None:
    answer = held.get("10.4.1.1.1 instance", accept)
    assert answer.headers["content-type"].startswith(content_type)


@EVERY
def test_8_7_4_weight_0_excludes(held: Held, kind: str) -> None:
    single = RESOURCES[kind].single
    accept = f"{single};q=0"
    assert held.get(kind, accept).status_code == 406


@pytest.mark.parametrize(
    ("syntax", "sent"),
    [
        ("", "1.2.840.10008.1.2.1"),
        ("; transfer-syntax=1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1"),
        ("; transfer-syntax=*", "1.2.840.10008.1.2"),
        ('; transfer-syntax="*"', "1.2.840.10008.1.2"),
        ("; transfer-syntax=1.2.840.10008.1.2", "1.2.840.10008.1.2"),
    ],
)
def test_8_7_3_5_2_the_transfer_syntax_is_the_one_asked_for(
    held: Held, syntax: str, sent: str
) -> None:
    dataset = instance()
    held.service.store(file_of(dataset, ImplicitVRLittleEndian))
    url = held.service.url(dataset)
    answer = held.service.get(url, f"application/dicom{syntax}")
    assert (
        answer.headers["content-type"] == f"application/dicom; transfer-syntax={sent}"
    )


@pytest.mark.parametrize("level", ["study", "series", "instance"])
def test_8_7_7_metadata_are_packed_for_who_takes_gzip(held: Held, level: str) -> None:
    plain = held.get(f"10.4.1.1.2 {level}", DICOM_JSON)
    packed = held.get(f"10.4.1.1.2 {level}", DICOM_JSON, accept_encoding="gzip")
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.json() == plain.json()
    assert packed.headers["etag"] != plain.headers["etag"]
    assert "Accept-Encoding" in packed.headers["vary"]


@pytest.mark.parametrize("kind", ["10.4.1.1.1 instance", "10.4.1.1.5", "10.4.1.1.6"])
def test_10_4_3_1_a_range_of_what_comes_alone(held: Held, kind: str) -> None:
    accept = RESOURCES[kind].single
    whole = held.get(kind, accept)
    some = held.get(kind, accept, range="bytes=2-5")
    assert (some.status_code, some.content) == (206, whole.content[2:6])
    beyond = held.get(kind, accept, range="bytes=999999-")
    assert beyond.status_code == 416


def test_10_4_2_an_answer_is_the_newest_version(held: Held) -> None:
    names = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
    uids = {name: held.dataset[name].value for name in names}
    newer = instance(**uids, PatientName="New^Name")
    before = held.get("10.4.1.1.2 study").headers["etag"]
    held.service.store(newer, replace=True)
    assert held.get("10.4.1.1.1 instance", "application/dicom").content == encode(newer)
    (model,) = held.get("10.4.1.1.2 study").json()
    assert model["00100010"]["Value"] == [{"Alphabetic": "New^Name"}]
    assert held.get("10.4.1.1.2 study").headers["etag"] != before
