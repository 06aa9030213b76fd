"""What a request says of how pictures shall look (DICOM PS3.18 8.3.5), by its dialect.

Azure's DICOM service knows JPEG and PNG, asked for by one exact media type, and
``quality``; its dialects pass over the other parameters. Where it refuses ``*/*``, we
answer JPEG.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from core.errors import Invalid, NotAcceptable
from core.media_types import MULTIPART, MediaRange, MediaType, parse_accept
from imaging.dicomweb.dialect import Dialect, dialect_of
from imaging.dicomweb.request import accepted, header
from imaging.documents import PDF, XML
from imaging.rendering import (
    Annotation,
    Appearance,
    IccProfile,
    PictureType,
    Shape,
    Viewport,
    Window,
)
from imaging.rendering.appearance import (
    MOST_VIEWPORT_PIXELS,
    MOST_VIEWPORT_SIDE,
    USUAL_QUALITY,
)

PLAIN: Final = "text/plain"
REPORTS: Final = tuple(MediaType(each) for each in ("text/html", PLAIN, XML))
"""In which a report is written, the usual one first (DICOM PS3.18 table 8.7.4-1)."""

PARAMETERS: Final = ("window", "viewport", "quality", "annotation", "iccprofile")

_WHOLE: Final = re.compile(r"[0-9]{1,9}", re.ASCII)
_DECIMAL: Final = re.compile(
    r"[+-]?([0-9]{1,18}(\.[0-9]{0,18})?|\.[0-9]{1,18})", re.ASCII
)
_SHAPES: Final = {shape.value.lower().replace("_", "-"): shape for shape in Shape}


@dataclass(frozen=True, slots=True)
class RenderingRules:
    """How a dialect reads what pictures are asked for.

    Attributes
    ----------
    singles, several
        The forms of one picture, and of any number, the usual one first.
    documents
        Those of reports and encapsulated documents.
    quality
        Of JPEG, where none is asked for.
    parameters
        Those that are read; others are passed over.
    """

    singles: tuple[MediaType, ...]
    several: tuple[MediaType, ...]
    documents: tuple[MediaType, ...]
    quality: int
    parameters: frozenset[str]


_PICTURES: Final = tuple(MediaType(each) for each in PictureType)
_AZURE: Final = RenderingRules(_PICTURES[:2], (), (), 100, frozenset({"quality"}))
RULES: Final = {
    Dialect.STANDARD: RenderingRules(
        _PICTURES,
        tuple(MediaType(MULTIPART, {"type": each.type}) for each in _PICTURES),
        (MediaType(PDF), *REPORTS),
        USUAL_QUALITY,
        frozenset(PARAMETERS),
    ),
    Dialect.V1: _AZURE,
    Dialect.V2: _AZURE,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """How pictures shall look, and what of it was not understood."""

    appearance: Appearance
    warning: str = ""


def rules_of(request: Request) -> RenderingRules:
    """Return the rules of the dialect of a request."""
    return RULES[dialect_of(request)]


def accepted_for_pictures(request: Request) -> Sequence[MediaRange]:
    """Return in which forms the client takes pictures, best first.

    Raises
    ------
    NotAcceptable
        The dialect is Azure's, and several are named.
    """
    if not dialect_of(request).is_azure:
        return accepted(request)
    found = parse_accept(header(request, b"accept"))
    if len(found) != 1:
        message = "Accept must name one media type: image/jpeg or image/png."
        raise NotAcceptable(message, path="Accept")
    return found


def asked_of(request: Request) -> Asked:
    """Return how the pictures of a request shall look.

    Raises
    ------
    Invalid
        A parameter breaks its rules; `path` names it.
    """
    rules = rules_of(request)
    given = {
        name: value
        for name, value in request.query_params.items()
        if name in rules.parameters
    }
    annotations, unknown = _annotations(given.get("annotation", ""))
    warning = ""
    if unknown:
        shown = ", ".join(unknown)
        warning = f"The following annotation values are not supported: {shown}"
    appearance = Appearance(
        window=_window(given),
        viewport=_viewport(given),
        quality=_quality(given, rules.quality),
        annotations=annotations,
        icc_profile=_icc_profile(given),
    )
    return Asked(appearance, warning)


def viewport_of(request: Request, usual: Viewport) -> Viewport:
    """Return the size of a thumbnail, which shows the whole image (8.3.5.2).

    Raises
    ------
    Invalid
        It is no size, or names a part of the image.
    """
    found = _viewport(dict(request.query_params))
    if found is None:
        return usual
    if found != Viewport(found.width, found.height):
        message = "The viewport of a thumbnail is its width and height only."
        raise Invalid(message, path="viewport")
    return found


def _quality(given: Mapping[str, str], usual: int) -> int:
    text = given.get("quality")
    if text is None:
        return usual
    if not _WHOLE.fullmatch(text) or not 1 <= int(text) <= 100:
        message = "quality must be a whole number from 1 to 100."
        raise Invalid(message, path="quality")
    return int(text)


def _window(given: Mapping[str, str]) -> Window | None:
    text = given.get("window")
    if text is None:
        return None
    center, width, shape, *more = [*text.split(","), "", "", ""]
    named = _SHAPES.get(shape.strip().lower().replace("_", "-"))
    center_number, width_number = _decimal(center), _decimal(width)
    if any(more) or named is None or center_number is None or width_number is None:
        shapes = ", ".join(_SHAPES)
        message = f"window must be center,width,function; functions are {shapes}."
        raise Invalid(message, path="window")
    window = Window(center_number, width_number, named)
    if not window.is_valid:
        message = "The width of the window is too small for its function."
        raise Invalid(message, path="window")
    return window


def _viewport(given: Mapping[str, str]) -> Viewport | None:
    text = given.get("viewport")
    if text is None:
        return None
    width, height, *rest = [each.strip() for each in f"{text},".split(",")]
    if not _is_size(width) or not _is_size(height):
        raise _bad_viewport()
    if int(width) * int(height) > MOST_VIEWPORT_PIXELS:
        message = f"A viewport has {MOST_VIEWPORT_PIXELS} pixels at most."
        raise Invalid(message, path="viewport")
    left, top, across, down = _part(rest[:-1])
    return Viewport(
        int(width),
        int(height),
        left or 0.0,
        top or 0.0,
        abs(across) if across else None,
        abs(down) if down else None,
        flips_horizontally=bool(across and across < 0),
        flips_vertically=bool(down and down < 0),
    )


def _part(given: Sequence[str]) -> list[float | None]:
    """Return left, top, width and height of a part, where they are said."""
    numbers = [_decimal(each) if each else None for each in given]
    numbers += [None] * (4 - len(numbers))
    not_read = [text for text, found in zip(given, numbers) if text and found is None]  # noqa: B905 padded
    left, top, *size = numbers
    if not_read or len(size) > 2 or 0 in size or (left or 0) < 0 or (top or 0) < 0:
        raise _bad_viewport()
    return numbers


def _is_size(text: str) -> bool:
    return bool(_WHOLE.fullmatch(text)) and 1 <= int(text) <= MOST_VIEWPORT_SIDE


def _bad_viewport() -> Invalid:
    message = (
        "viewport must be width,height or width,height,x,y,width,height: whole numbers"
        f" from 1 to {MOST_VIEWPORT_SIDE}, then a part of the image; a negative width"
        " or height of it is mirrored, what is left out is that of the image."
    )
    return Invalid(message, path="viewport")


def _annotations(text: str) -> tuple[frozenset[Annotation], list[str]]:
    named = [each.strip() for each in text.split(",") if each.strip()]
    known = {each for each in Annotation if each in named}
    unknown = [each for each in dict.fromkeys(named) if each not in set(Annotation)]
    return frozenset(known), [_shown(each) for each in unknown]


def _shown(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]", "?", text[:64])


def _icc_profile(given: Mapping[str, str]) -> IccProfile:
    text = given.get("iccprofile", IccProfile.NO)
    if text not in set(IccProfile):
        made = ", ".join(IccProfile)
        message = f"iccprofile must be one of those that are made here: {made}."
        raise Invalid(message, path="iccprofile")
    return IccProfile(text)


def _decimal(text: str) -> float | None:
    text = text.strip()
    return float(text) if _DECIMAL.fullmatch(text) else None
