"""What endpoints read from their requests."""

import pytest
from starlette.requests import Request

from core.errors import Invalid, NotAcceptable
from core.media_types import DICOM_JSON, JSON
from imaging.dicomweb.dialect import Dialect
from imaging.dicomweb.request import (
    accepted_data_sets,
    base_url,
    checked_uid,
    truth,
    whole_number,
)

AZURE = pytest.mark.parametrize("dialect", [Dialect.V1, Dialect.V2])


def request(
    query: str = "", accept: str | None = None, dialect: Dialect = Dialect.STANDARD
) -> Request:
    headers = [] if accept is None else [(b"accept", accept.encode())]
    return Request(
        {
            "type": "http",
            "method": "GET",
            "query_string": query.encode(),
            "headers": headers,
            "dialect": dialect,
        }
    )


@pytest.mark.parametrize("text", ["1", "1.2.3", "1.2.3  ", "01.002", "1" * 64])
def test_a_uid_is_digits_and_dots(text: str) -> None:
    assert checked_uid(text, "study") == text.strip()


@pytest.mark.parametrize(
    "text", ["", "abc", "1.2.", "1.2-3", "1.٣", " 1", "1\n", "1.2\x00", "1" * 65]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        checked_uid(text, "study")
    assert caught.value.path == "study"


def test_the_accept_parameter_goes_before_the_header() -> None:
    asked = request("accept=application/dicom%2Bjson", "text/html, */*;q=0.1")
    assert accepted_data_sets(asked).type == DICOM_JSON
    assert (
        accepted_data_sets(request("accept=application/json", DICOM_JSON)).type == JSON
    )
    with pytest.raises(NotAcceptable):
        accepted_data_sets(request("accept=text/html", "*/*"))


def test_no_accept_gets_dicom_json() -> None:
    assert accepted_data_sets(request()).type == DICOM_JSON


def test_another_charset_is_not_acceptable() -> None:
    with pytest.raises(NotAcceptable):
        accepted_data_sets(request("charset=latin1"))


@AZURE
@pytest.mark.parametrize(
    "accept",
    [
        "*/*",
        "application/*",
        DICOM_JSON,
        "text/html, application/dicom+json;q=0.1",
        'multipart/related; type="application/octet-stream", application/dicom+json',
    ],
)
def test_azure_dialects_answer_dicom_json(dialect: Dialect, accept: str) -> None:
    assert accepted_data_sets(request("", accept, dialect)).type == DICOM_JSON


@AZURE
@pytest.mark.parametrize(
    "accept",
    [
        None,
        "",
        "application/json",
        "nonsense, application/dicom+json",
        "application/dicom+json, multipart/related; type=application/octet-stream",
        'application/dicom+json; a="b',
    ],
)
def test_azure_dialects_read_accept_by_the_letter(
    dialect: Dialect, accept: str | None
) -> None:
    with pytest.raises(NotAcceptable):
        accepted_data_sets(request(f"accept={DICOM_JSON}", accept, dialect))


def test_numbers_have_bounds() -> None:
    assert whole_number(request(), "limit", 10, maximum=20) == 10
    assert whole_number(request("limit=20"), "limit", 10, maximum=20) == 20
    for bad in ("21", "-1", "x", "", "1.0", "٣", "9" * 30):
        with pytest.raises(Invalid):
            whole_number(request(f"limit={bad}"), "limit", 10, maximum=20)


def test_truth_is_true_or_false() -> None:
    assert truth(request(), "fuzzymatching", default=True)
    assert not truth(request("fuzzymatching=False"), "fuzzymatching", default=True)
    for bad in ("0", "true-ish", ""):
        with pytest.raises(Invalid):
            truth(request(f"fuzzymatching={bad}"), "fuzzymatching", default=True)


@pytest.mark.parametrize(
    ("host", "port", "authority"),
    [
        ("pacs.example", 8000, "pacs.example"),
        ("pacs.example:8443", 8000, "pacs.example:8443"),
        ("127.0.0.1:8000", 8000, "127.0.0.1:8000"),
        ("127.0.0.1", 8000, "127.0.0.1:8000"),
        ("localhost", 8000, "localhost:8000"),
        ("localhost", 80, "localhost"),
        ("127.0.0.1", None, "127.0.0.1"),
    ],
)
def test_addresses_name_the_port_that_a_local_client_left_out(
    host: str, port: int | None, authority: str
) -> None:
    scope = {
        "type": "http",
        "scheme": "http",
        "server": ("127.0.0.1", port),
        "path": "/dicomweb/studies",
        "root_path": "/dicomweb",
        "path_params": {},
        "query_string": b"",
        "headers": [(b"host", host.encode())],
    }
    assert base_url(Request(scope)) == f"http://{authority}/dicomweb"
