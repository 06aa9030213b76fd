"""In which form instances are answered: packaging and transfer syntax.

DICOM PS3.18 8.7.3.2 and 10.4.4, read as real clients need it (Azure's dialects read
less into it: `retrieve_rules`):

- ``transfer-syntax=*``, ``*/*`` and no Accept at all: as stored, whatever it is.
- No transfer syntax: Explicit VR Little Endian where that takes no decoding, and as
  stored where it would; so a client that asks by the standard's default gets every
  study (with Azure's service it gets 406 for most).
- Any other transfer syntax: all instances in that, as stored or transcoded, or 406.
- A zip (8.6.1.3) holds what was stored, unless a transfer syntax is asked for.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from core.errors import NotAcceptable
from core.media_types import DICOM, MULTIPART, MediaRange, MediaType
from imaging.dicomweb.zip_body import ZIP
from imaging.pixels import CODECS, DECODED, ENCODED, EXPLICIT_LITTLE_ENDIAN

# Sources of Explicit VR Little Endian without decoding pixels (DICOM PS3.5 A.1-A.5).
CONVERTIBLE: Final = frozenset(
    {
        "1.2.840.10008.1.2",
        "1.2.840.10008.1.2.1.99",
        "1.2.840.10008.1.2.2",
    }
)
AS_STORED: Final = "*"
TRANSFER_SYNTAX: Final = "transfer-syntax"


class Form(NamedTuple):
    """A form that the client takes.

    Attributes
    ----------
    transfer_syntax
        A UID, `AS_STORED`, or empty where the client leaves it to the default.
    is_zip
        Whether the instances are files of an archive; then it is not multipart.
    """

    is_multipart: bool
    transfer_syntax: str
    is_zip: bool = False

    @property
    def is_as_stored(self) -> bool:
        """Return whether instances are sent as they are, whatever that is."""
        return self.transfer_syntax == AS_STORED

    def converts(self, stored: str) -> bool:
        """Return whether an instance stored as `stored` is sent as another syntax."""
        return self.sent(stored) != stored

    def sent(self, stored: str) -> str:
        """Return the transfer syntax in which an instance is sent."""
        if not self.transfer_syntax:
            return EXPLICIT_LITTLE_ENDIAN if stored in CONVERTIBLE else stored
        can_be_made = self.transfer_syntax in ENCODED and stored in DECODED
        return self.transfer_syntax if can_be_made else stored

    def can_be_made(self, stored: Iterable[str]) -> bool:
        """Return whether instances stored in these transfer syntaxes can be sent."""
        return self.transfer_syntax in {"", AS_STORED} or all(
            self.sent(each) == self.transfer_syntax for each in stored
        )


def accepted_forms(ranges: Sequence[MediaRange], *, one: bool) -> list[Form]:
    """Return the forms that the client takes, best first.

    Of equal weight, those as stored go first, as Azure's service has it, and a zip,
    which nobody asks for by accident, last.

    Parameters
    ----------
    one
        Whether the address names a single instance, which may come without multipart.

    Raises
    ------
    NotAcceptable
        The client takes none that instances have.
    """
    found = [(each.q, _form(each)) for each in ranges if each.q > 0]
    forms = [
        (q, form)
        for q, form in found
        if form and (one or form.is_multipart or form.is_zip)
    ]
    if not forms:
        single = f", {DICOM}" if one else ""
        message = f'Instances come as {MULTIPART}; type="{DICOM}"{single} or {ZIP}.'
        raise NotAcceptable(message, path="Accept")
    forms.sort(key=lambda each: (-each[0], each[1].is_zip, not each[1].is_as_stored))
    return [form for _q, form in forms]


def makeable_forms(
    forms: Sequence[Form], stored: Callable[[], set[str]]
) -> Sequence[Form]:
    """Return the forms that there are codecs for, best first, at least one.

    Parameters
    ----------
    stored
        Tells the transfer syntaxes in which the instances are stored; asked only
        where it matters.

    Raises
    ------
    NotAcceptable
        None can be made; the message names what can.
    """
    if forms[0].can_be_made(()) and forms[0].transfer_syntax in {"", AS_STORED}:
        return forms[:1]
    held = stored()
    found = [form for form in forms if form.can_be_made(held)]
    if found:
        return found
    message = (
        f"Stored as {', '.join(sorted(held))}: ask for {TRANSFER_SYNTAX}=*"
        f"{_what_can_be_made(held)}."
    )
    raise NotAcceptable(message, path="Accept")


def _what_can_be_made(held: set[str]) -> str:
    if not held <= DECODED:
        return ", as there is no codec for all of them"
    return f", or one of {', '.join(each for each in CODECS if each in ENCODED)}"


def _form(wanted: MediaRange) -> Form | None:
    syntax = wanted.params.get(TRANSFER_SYNTAX, "")
    if wanted.type in {"*/*", "multipart/*"}:
        return Form(is_multipart=True, transfer_syntax=syntax or AS_STORED)
    if wanted.type == ZIP:
        return Form(
            is_multipart=False, transfer_syntax=syntax or AS_STORED, is_zip=True
        )
    if wanted.matches(MediaType(MULTIPART, {"type": DICOM})):
        anything = wanted.params.get("type") == "*/*"
        default = AS_STORED if anything else ""
        return Form(is_multipart=True, transfer_syntax=syntax or default)
    if wanted.matches(MediaType(DICOM)):
        return Form(is_multipart=False, transfer_syntax=syntax)
    return None
