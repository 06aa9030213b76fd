"""What differs between the dialects in retrieving instances and frames.

The standard's dialect finds the best form that can be made and that the client takes
(`instance_forms`, `part_forms`). Azure's service knows a few exact forms, each
with its default transfer syntax, and takes nothing else: `Offer` is one of them. What
the client takes is first reduced to these, and then answered like in the standard.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from core.errors import NotAcceptable
from core.media_types import (
    DICOM,
    MULTIPART,
    OCTET_STREAM,
    MediaRange,
    parse_accept,
)
from imaging.dicomweb.dialect import Dialect, dialect_of
from imaging.dicomweb.instance_forms import (
    AS_STORED,
    TRANSFER_SYNTAX,
    Form,
)
from imaging.dicomweb.request import accepted, header
from imaging.pixels import EXPLICIT_LITTLE_ENDIAN

_AS_STORED: Final = f"{TRANSFER_SYNTAX}={AS_STORED}"
_JPEG_2000_LOSSLESS: Final = "1.2.840.10008.1.2.4.90"


@dataclass(frozen=True, slots=True)
class Offer:
    """One media type of parts that Azure's service makes.

    Attributes
    ----------
    default
        The transfer syntax where the client names none.
    syntaxes
        Which it may name.
    alone
        Whether a single one may come without multipart.
    """

    type: str
    default: str
    syntaxes: frozenset[str]
    alone: bool = True

    def taken_by(self, wanted: MediaRange) -> MediaRange | None:
        """Return the form that a range asks for, or None where it is another."""
        packaging = wanted.type
        media_type = wanted.params.get("type", "") if packaging == MULTIPART else ""
        is_named = media_type.lower() == self.type or (
            self.alone and packaging == self.type
        )
        syntax = wanted.params.get(TRANSFER_SYNTAX) or self.default
        if not is_named or syntax not in self.syntaxes:
            return None
        return self._form(packaging, syntax, wanted.q)

    def anything(self, q: float) -> MediaRange:
        """Return the answer to ``*/*``."""
        return self._form(MULTIPART, AS_STORED, q)

    def _form(self, packaging: str, syntax: str, q: float) -> MediaRange:
        params = {"type": self.type} if packaging == MULTIPART else {}
        return MediaRange(packaging, {**params, TRANSFER_SYNTAX: syntax}, q)


@dataclass(frozen=True, slots=True)
class RetrieveRules:
    """How a dialect negotiates.

    Attributes
    ----------
    instances, frames
        The forms that are made, the usual one first; none: all that can be.
    several_as_stored
        Whether more than one instance come as stored only.
    """

    instances: tuple[Offer, ...] = ()
    frames: tuple[Offer, ...] = ()
    several_as_stored: bool = False


_AZURE: Final = RetrieveRules(
    instances=(
        Offer(
            DICOM,
            EXPLICIT_LITTLE_ENDIAN,
            frozenset({AS_STORED, EXPLICIT_LITTLE_ENDIAN, _JPEG_2000_LOSSLESS}),
        ),
    ),
    frames=(
        Offer(
            OCTET_STREAM,
            EXPLICIT_LITTLE_ENDIAN,
            frozenset({AS_STORED, EXPLICIT_LITTLE_ENDIAN}),
        ),
        Offer(
            "image/jp2",
            _JPEG_2000_LOSSLESS,
            frozenset({_JPEG_2000_LOSSLESS}),
            alone=False,
        ),
    ),
    several_as_stored=True,
)
RULES: Final = {
    Dialect.STANDARD: RetrieveRules(),
    Dialect.V1: _AZURE,
    Dialect.V2: _AZURE,
}


def accepted_for_instances(request: Request) -> Sequence[MediaRange]:
    """Return in which forms the client takes instances, best first.

    Raises
    ------
    NotAcceptable
        In none that the dialect knows.
    """
    return _taken(request, RULES[dialect_of(request)].instances)


def accepted_for_frames(request: Request) -> Sequence[MediaRange]:
    """Return in which forms the client takes frames, like `accepted_for_instances`."""
    return _taken(request, RULES[dialect_of(request)].frames)


def forms_for(request: Request, forms: Sequence[Form], number: int) -> Sequence[Form]:
    """Return those of the forms in which so many instances come.

    Raises
    ------
    NotAcceptable
        They come as stored only, and the client takes other forms only.
    """
    if number == 1 or not RULES[dialect_of(request)].several_as_stored:
        return forms
    left = [form for form in forms if form.transfer_syntax == AS_STORED]
    if not left:
        message = f"{number} instances come as stored only: ask for {_AS_STORED}."
        raise NotAcceptable(message, path="Accept")
    return left


def _taken(request: Request, offers: Sequence[Offer]) -> Sequence[MediaRange]:
    """Return which of the offers the client takes, by the header only.

    Unlike for JSON, Azure's service passes over what it cannot read here, and takes
    values that should be quoted; but it wants to be told something.
    """
    if not offers:
        return accepted(request)
    value = header(request, b"accept")
    wanted = parse_accept(value) if value.strip() else ()
    found = [form for each in wanted for form in _forms(each, offers)]
    if not found:
        made = " or ".join(
            f'{MULTIPART}; type="{offer.type}"; {TRANSFER_SYNTAX}={syntax}'
            for offer in offers
            for syntax in sorted(offer.syntaxes)
        )
        message = f"Accept names nothing that is made here. Made: {made}."
        raise NotAcceptable(message, path="Accept")
    return found


def _forms(wanted: MediaRange, offers: Sequence[Offer]) -> Iterator[MediaRange]:
    # dicomweb-client of Python asks for frames by type="*/*".
    if "*/*" in {wanted.type, wanted.params.get("type")}:
        yield offers[0].anything(wanted.q)
        return
    for offer in offers:
        form = offer.taken_by(wanted)
        if form:
            yield form
