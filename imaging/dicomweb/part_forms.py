"""In which form frames and bulk values are answered (DICOM PS3.18 8.7.3.3).

As stored first: what is not compressed as octets in little endian, what is compressed
as its stream, of the media type of its transfer syntax and as octets with the transfer
syntax named, which viewers ask for (``transfer-syntax=*``). Frames also in what can be
made of them (`imaging.pixels`): decoded, which is the default of octets, and encoded in
the media type that is asked for. Bulk values, so also pixel data by the address that
the metadata has, come as stored where the client takes that: together these can be
stored again as they are. Compressed pixel data are made another form of only for who
names it.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Final

from core.errors import Invalid, NotAcceptable
from core.media_types import (
    MULTIPART,
    OCTET_STREAM,
    MediaRange,
    MediaType,
    choose,
)
from imaging.dicomweb.instance_forms import (
    CONVERTIBLE,
    TRANSFER_SYNTAX,
)
from imaging.pixels import DECODED, EXPLICIT_LITTLE_ENDIAN

OCTETS: Final = MediaType(OCTET_STREAM, {TRANSFER_SYNTAX: EXPLICIT_LITTLE_ENDIAN})
"""The form of what is not compressed."""

_ENCAPSULATED_UNCOMPRESSED: Final = "1.2.840.10008.1.2.1.98"
_NATIVE: Final = CONVERTIBLE | {EXPLICIT_LITTLE_ENDIAN, _ENCAPSULATED_UNCOMPRESSED}
_JPEG: Final = ("image/jpeg",)
_JPEG_LS: Final = ("image/jls", "image/x-jls")
_JPEG_2000: Final = ("image/jp2",)
_JPEG_2000_PART_2: Final = ("image/jpx",)
_HTJ2K: Final = ("image/jphc",)
_JPEG_XL: Final = ("image/jxl",)
_MPEG_2: Final = ("video/mpeg", "video/mpeg2")
_MP4: Final = ("video/mp4",)

# DICOM PS3.18 table 8.7.3-5, and after the first the names that older clients use.
COMPRESSED_TYPES: Final[dict[str, tuple[str, ...]]] = {
    "1.2.840.10008.1.2.4.50": _JPEG,
    "1.2.840.10008.1.2.4.51": _JPEG,
    "1.2.840.10008.1.2.4.57": _JPEG,
    "1.2.840.10008.1.2.4.70": _JPEG,
    "1.2.840.10008.1.2.4.80": _JPEG_LS,
    "1.2.840.10008.1.2.4.81": _JPEG_LS,
    "1.2.840.10008.1.2.4.90": _JPEG_2000,
    "1.2.840.10008.1.2.4.91": _JPEG_2000,
    "1.2.840.10008.1.2.4.92": _JPEG_2000_PART_2,
    "1.2.840.10008.1.2.4.93": _JPEG_2000_PART_2,
    "1.2.840.10008.1.2.4.100": _MPEG_2,
    "1.2.840.10008.1.2.4.100.1": _MPEG_2,
    "1.2.840.10008.1.2.4.101": _MPEG_2,
    "1.2.840.10008.1.2.4.101.1": _MPEG_2,
    "1.2.840.10008.1.2.4.102": _MP4,
    "1.2.840.10008.1.2.4.102.1": _MP4,
    "1.2.840.10008.1.2.4.103": _MP4,
    "1.2.840.10008.1.2.4.103.1": _MP4,
    "1.2.840.10008.1.2.4.104": _MP4,
    "1.2.840.10008.1.2.4.104.1": _MP4,
    "1.2.840.10008.1.2.4.105": _MP4,
    "1.2.840.10008.1.2.4.105.1": _MP4,
    "1.2.840.10008.1.2.4.106": _MP4,
    "1.2.840.10008.1.2.4.106.1": _MP4,
    "1.2.840.10008.1.2.4.107": _MP4,
    "1.2.840.10008.1.2.4.108": _MP4,
    "1.2.840.10008.1.2.4.110": _JPEG_XL,
    "1.2.840.10008.1.2.4.111": _JPEG_XL,
    "1.2.840.10008.1.2.4.112": _JPEG_XL,
    "1.2.840.10008.1.2.4.201": _HTJ2K,
    "1.2.840.10008.1.2.4.202": _HTJ2K,
    "1.2.840.10008.1.2.4.203": _HTJ2K,
    "1.2.840.10008.1.2.5": ("image/dicom-rle", "image/x-dicom-rle"),
}

# What is made of other forms; of a type that is asked for alone, the first. Lossy ones
# last: they come only where they are named.
_MADE: Final = [
    OCTETS,
    *(
        MediaType(media_type, {TRANSFER_SYNTAX: syntax})
        for syntax in (
            "1.2.840.10008.1.2.4.70",
            "1.2.840.10008.1.2.4.80",
            "1.2.840.10008.1.2.4.90",
            "1.2.840.10008.1.2.4.201",
            "1.2.840.10008.1.2.5",
            "1.2.840.10008.1.2.4.50",
            "1.2.840.10008.1.2.4.91",
        )
        for media_type in (*COMPRESSED_TYPES[syntax], OCTET_STREAM)
    ),
]


def choose_part_form(
    ranges: Sequence[MediaRange],
    compressed_as: str | None,
    *,
    parts: int,
    single_first: bool = False,
) -> MediaType:
    """Return the form that the client likes best.

    Parameters
    ----------
    compressed_as
        Transfer syntax of the compressed streams; None where nothing is compressed.
    parts
        How many there are: only one can come without multipart.
    single_first
        Whether one goes without multipart where the client has no preference.

    Raises
    ------
    Invalid
        There are several, and the client takes a single part only.
    NotAcceptable
        The client takes no form that can be made; the message names those.
    """
    forms = _forms(compressed_as)
    return _choose(ranges, forms, parts=parts, single_first=single_first)


def choose_frame_form(
    ranges: Sequence[MediaRange],
    compressed_as: str | None,
    *,
    parts: int,
    refusal: Callable[[str], str],
) -> MediaType:
    """Return the form of frames that the client likes best: as stored, or made of it.

    Octets without a transfer syntax are Explicit VR Little Endian, the standard's
    default (8.7.3.3), where that can be made; else as stored.

    Parameters
    ----------
    refusal
        Tells why the frames cannot be had in a transfer syntax, or nothing; asked only
        for those in which they are not stored.

    Raises
    ------
    Invalid
        There are several, and the client takes a single part only.
    NotAcceptable
        The client takes no form that can be made; the message names those.
    """
    stored, why = _forms(compressed_as), ""
    made = [form for form in _MADE if form not in stored]
    by_default = [_decoded(each) for each in ranges] if compressed_as else ranges
    with suppress(NotAcceptable):
        while made:
            form = _choose(by_default, stored + made, parts=parts)
            if MediaType(form.params.get("type", form.type), _syntax(form)) in stored:
                return form
            why = refusal(form.params[TRANSFER_SYNTAX])
            if not why:
                return form
            made = [each for each in made if _syntax(each) != _syntax(form)]
    with suppress(NotAcceptable):
        return _choose(ranges, stored, parts=parts)
    raise _nothing_taken(why, stored, refusal)


def choose_value_forms(
    ranges: Sequence[MediaRange], stored: Iterable[str]
) -> dict[str, MediaType]:
    """Return the multipart form that the client likes best for each transfer syntax.

    It is that of the pixel data of instances stored so; their other values come as
    `OCTETS` in any case. As stored where the client takes that, else what is made of
    compressed pixel data: whether it can be, shows the instance.

    Raises
    ------
    NotAcceptable
        The client takes no form that can be made of one of them.
    """
    return {syntax: _value_form(ranges, syntax) for syntax in sorted(stored)}


def _value_form(ranges: Sequence[MediaRange], syntax: str) -> MediaType:
    forms = _several(_forms(None if syntax in _NATIVE else syntax))
    with suppress(NotAcceptable):
        return choose(ranges, forms)
    made = _several(_MADE) if syntax in DECODED - _NATIVE else []
    return choose(ranges, forms + made)


def part_type(form: MediaType) -> str:
    """Return the ``Content-Type`` of a part, or of the only one."""
    media_type = form.params.get("type", form.type)
    return f"{media_type}; {TRANSFER_SYNTAX}={form.params[TRANSFER_SYNTAX]}"


def _choose(
    ranges: Sequence[MediaRange],
    singles: Sequence[MediaType],
    *,
    parts: int,
    single_first: bool = False,
) -> MediaType:
    singles, several = list(singles), _several(singles)
    if parts == 1:
        return choose(ranges, singles + several if single_first else several + singles)
    try:
        return choose(ranges, several)
    except NotAcceptable:
        choose(ranges, several + singles)
        message = f"{parts} parts come as {MULTIPART} only. Accept that."
        raise Invalid(message, path="Accept") from None


def _nothing_taken(
    why: str, stored: Sequence[MediaType], refusal: Callable[[str], str]
) -> NotAcceptable:
    syntaxes = [form.params[TRANSFER_SYNTAX] for form in stored]
    made = [
        form
        for form in _MADE
        if (form == OCTETS or form.type != OCTET_STREAM)
        and form.params[TRANSFER_SYNTAX] not in syntaxes
        and not refusal(form.params[TRANSFER_SYNTAX])
    ]
    can_be_had = ", ".join(map(part_type, [*stored, *made]))
    why = why or "None of the accepted media types can be made here."
    return NotAcceptable(f"{why} Made: {can_be_had}.", path="Accept")


def _decoded(wanted: MediaRange) -> MediaRange:
    """Return a range of octets with the default transfer syntax, others as they are."""
    media_type = wanted.params.get("type", wanted.type).lower()
    if media_type != OCTET_STREAM or wanted.params.get(TRANSFER_SYNTAX):
        return wanted
    params = {**wanted.params, TRANSFER_SYNTAX: EXPLICIT_LITTLE_ENDIAN}
    return wanted._replace(params=params)


def _syntax(form: MediaType) -> dict[str, str]:
    return {TRANSFER_SYNTAX: form.params[TRANSFER_SYNTAX]}


def _several(forms: Sequence[MediaType]) -> list[MediaType]:
    return [MediaType(MULTIPART, {"type": form.type, **form.params}) for form in forms]


def _forms(compressed_as: str | None) -> list[MediaType]:
    if compressed_as is None:
        return [OCTETS]
    types = (*COMPRESSED_TYPES.get(compressed_as, ()), OCTET_STREAM)
    return [MediaType(each, {TRANSFER_SYNTAX: compressed_as}) for each in types]
