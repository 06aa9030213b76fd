"""DICOM PS3.18 8.7.3.2: in which transfer syntax and packaging instances come."""

import pytest

from core.errors import NotAcceptable
from core.media_types import parse_accept
from imaging.dicomweb.instance_forms import (
    AS_STORED,
    Form,
    accepted_forms,
    makeable_forms,
)

ELE = "1.2.840.10008.1.2.1"
IMPLICIT = "1.2.840.10008.1.2"
DEFLATED = "1.2.840.10008.1.2.1.99"
BIG = "1.2.840.10008.1.2.2"
JPEG_2000 = "1.2.840.10008.1.2.4.90"
MPEG_4 = "1.2.840.10008.1.2.4.102"
MULTI = 'multipart/related; type="application/dicom"'


def chosen(accept: str | None, *stored: str, one: bool = False) -> Form:
    forms = accepted_forms(parse_accept(accept), one=one)
    return makeable_forms(forms, lambda: set(stored))[0]


@pytest.mark.parametrize("accept", [None, "*/*", f"{MULTI}; transfer-syntax=*"])
@pytest.mark.parametrize("stored", [ELE, IMPLICIT, BIG, DEFLATED, JPEG_2000])
def test_as_stored(accept: str | None, stored: str) -> None:
    form = chosen(accept, stored)
    assert form == Form(True, AS_STORED)
    assert form.sent(stored) == stored


@pytest.mark.parametrize(
    ("stored", "sent"),
    [
        (ELE, ELE),
        (IMPLICIT, ELE),
        (BIG, ELE),
        (DEFLATED, ELE),
        (JPEG_2000, JPEG_2000),
        ("", ""),
    ],
)
@pytest.mark.parametrize("accept", [MULTI, "multipart/related", "application/dicom"])
def test_the_default_needs_no_decoding(accept: str, stored: str, sent: str) -> None:
    form = chosen(accept, stored, JPEG_2000, one=True)
    assert form.sent(stored) == sent
    assert form.is_multipart is accept.startswith("multipart")


def test_explicit_little_endian_by_name_is_all_or_nothing() -> None:
    accept = f"{MULTI}; transfer-syntax={ELE}"
    form = chosen(accept, ELE, IMPLICIT, BIG, DEFLATED, JPEG_2000)
    assert form == Form(True, ELE)
    assert form.sent(JPEG_2000) == ELE
    with pytest.raises(NotAcceptable, match=f"Stored as {ELE}, {MPEG_4}:.*no codec"):
        chosen(accept, ELE, MPEG_4)


def test_another_transfer_syntax_is_sent_where_all_can_have_it() -> None:
    accept = f"{MULTI}; transfer-syntax={JPEG_2000}"
    assert chosen(accept, JPEG_2000).sent(JPEG_2000) == JPEG_2000
    assert chosen(accept, ELE, BIG).sent(BIG) == JPEG_2000
    video = f"application/dicom; transfer-syntax={MPEG_4}"
    with pytest.raises(NotAcceptable, match=f"or one of .*{ELE}, .*{JPEG_2000}"):
        chosen(video, ELE, one=True)
    assert chosen(video, MPEG_4, one=True).sent(MPEG_4) == MPEG_4


def test_what_cannot_be_made_is_passed_over() -> None:
    accept = f"{MULTI}; transfer-syntax={ELE}, {MULTI}; transfer-syntax=*;q=0.5"
    assert chosen(accept, MPEG_4) == Form(True, AS_STORED)
    assert chosen(accept, IMPLICIT) == Form(True, ELE)


def test_what_the_client_takes_besides_is_kept_in_case() -> None:
    accept = f"{MULTI}; transfer-syntax={ELE}, {MULTI}; transfer-syntax=*;q=0.5"
    forms = accepted_forms(parse_accept(accept), one=False)
    assert makeable_forms(forms, lambda: {JPEG_2000}) == [
        Form(True, ELE),
        Form(True, AS_STORED),
    ]


def test_of_equals_those_as_stored_go_first() -> None:
    assert (
        chosen(f"{MULTI}, {MULTI}; transfer-syntax=*", IMPLICIT).transfer_syntax == "*"
    )


def test_a_study_is_never_a_single_part() -> None:
    with pytest.raises(
        NotAcceptable, match=r'type="application/dicom" or app.*/zip\.$'
    ):
        accepted_forms(parse_accept("application/dicom"), one=False)
    assert accepted_forms(parse_accept("application/dicom"), one=True) == [
        Form(False, "")
    ]


@pytest.mark.parametrize("accept", ["text/html", "application/dicom+json", "*/*;q=0"])
def test_other_types_are_refused(accept: str) -> None:
    with pytest.raises(NotAcceptable):
        accepted_forms(parse_accept(accept), one=True)
