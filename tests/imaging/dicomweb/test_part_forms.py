"""DICOM PS3.18 8.7.3.3: media types of frames and bulk data."""

import pytest

from core.errors import Invalid, NotAcceptable
from core.media_types import parse_accept
from imaging.dicomweb.part_forms import COMPRESSED_TYPES, choose_part_form, part_type

ELE = "1.2.840.10008.1.2.1"
JPEG_2000 = "1.2.840.10008.1.2.4.90"
RLE = "1.2.840.10008.1.2.5"
OCTETS = "multipart/related; type=application/octet-stream"


def chosen(
    accept: str | None, compressed_as: str | None = None, *, parts: int = 1
) -> tuple[str, str]:
    form = choose_part_form(parse_accept(accept), compressed_as, parts=parts)
    return form.type, part_type(form)


@pytest.mark.parametrize(
    ("accept", "packaging"),
    [
        (None, "multipart/related"),
        ("*/*", "multipart/related"),
        (OCTETS, "multipart/related"),
        (f"{OCTETS}; transfer-syntax=*", "multipart/related"),
        (f'{OCTETS}; transfer-syntax="{ELE}"', "multipart/related"),
        ('multipart/related; type="*/*"', "multipart/related"),
        ("application/octet-stream", "application/octet-stream"),
        (
            f"application/octet-stream; transfer-syntax={ELE}",
            "application/octet-stream",
        ),
    ],
)
def test_native_parts_are_octets(accept: str | None, packaging: str) -> None:
    octets = f"application/octet-stream; transfer-syntax={ELE}"
    assert chosen(accept) == (packaging, octets)


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "image/jp2"),
        ("*/*", "image/jp2"),
        ('multipart/related; type="image/jp2"', "image/jp2"),
        (
            f'multipart/related; type="image/jp2"; transfer-syntax={JPEG_2000}',
            "image/jp2",
        ),
        ('multipart/related; type="image/*"', "image/jp2"),
        (OCTETS, "application/octet-stream"),
        (f"{OCTETS}; transfer-syntax=*", "application/octet-stream"),
        (f"{OCTETS}; transfer-syntax={JPEG_2000}", "application/octet-stream"),
    ],
)
def test_compressed_parts_name_their_transfer_syntax(
    accept: str | None, media_type: str
) -> None:
    wanted = ("multipart/related", f"{media_type}; transfer-syntax={JPEG_2000}")
    assert chosen(accept, JPEG_2000) == wanted


@pytest.mark.parametrize("media_type", ["image/dicom-rle", "image/x-dicom-rle"])
def test_old_names_are_answered_by_themselves(media_type: str) -> None:
    accept = f'multipart/related; type="{media_type}"'
    assert chosen(accept, RLE)[1] == f"{media_type}; transfer-syntax={RLE}"


@pytest.mark.parametrize(
    "accept",
    [
        f"{OCTETS}; transfer-syntax={ELE}",
        f"application/octet-stream; transfer-syntax={ELE}",
        'multipart/related; type="image/jpeg"',
        "text/html",
    ],
)
def test_what_would_need_a_codec_is_refused(accept: str) -> None:
    with pytest.raises(NotAcceptable, match="image/jp2"):
        chosen(accept, JPEG_2000)


def test_several_parts_do_not_fit_into_one() -> None:
    with pytest.raises(Invalid, match="2 parts"):
        chosen("application/octet-stream", parts=2)
    with pytest.raises(NotAcceptable):
        chosen("image/png", parts=2)
    assert chosen(f"application/octet-stream, {OCTETS};q=0.1", parts=2)[0] == (
        "multipart/related"
    )


def test_a_bulk_value_comes_alone_where_anything_goes() -> None:
    form = choose_part_form(parse_accept("*/*"), None, parts=1, single_first=True)
    assert form.type == "application/octet-stream"


def test_types_are_images_or_videos() -> None:
    for syntax, types in COMPRESSED_TYPES.items():
        assert syntax.startswith("1.2.840.10008.1.2.")
        assert all(each.startswith(("image/", "video/")) for each in types)
