"""The texts in which data sets come to a store: DICOM JSON and Native DICOM Model.

DICOM PS3.18 annex F, PS3.19 A.1. Both become the JSON model, of which a file is made.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import orjson

from core.errors import Invalid, TooLarge
from core.media_types import DICOM_JSON, DICOM_XML
from imaging import native_xml

# In memory each takes some hundred bytes, whatever its length in the text.
MAXIMUM_VALUES: Final = 1_000_000


class Format(NamedTuple):
    """A text of data sets.

    Attributes
    ----------
    marks
        What the text has at least one of for each object that it becomes.
    read
        Returns the data sets of a part.
    """

    media_type: str
    marks: tuple[bytes, ...]
    read: Callable[[bytearray], list[Any]]

    def models(self, documents: list[bytearray]) -> list[Any]:
        """Return the data sets of all parts, and let go of their text.

        Raises
        ------
        TooLarge
            There are more values than are taken at once.
        Invalid
            A part cannot be read.
        """
        number = sum(sum(map(each.count, self.marks)) for each in documents)
        if number > MAXIMUM_VALUES:
            message = f"Send at most {MAXIMUM_VALUES} values as text at once."
            raise TooLarge(message)
        models: list[Any] = []
        documents.reverse()
        while documents:
            models += self.read(documents.pop())
        return models


def _of_json(document: bytearray) -> list[Any]:
    """Return the data sets of a part (DICOM PS3.18 F.2.1.2)."""
    try:
        models = orjson.loads(document)
    except orjson.JSONDecodeError as error:
        message = "The data sets are not JSON, or not in UTF-8."
        raise Invalid(message) from error
    if isinstance(models, dict):  # of one data set, as some write it
        return [models]
    if not isinstance(models, list):
        message = "The data sets are not an array of JSON."
        raise Invalid(message)
    return models


def _of_xml(document: bytearray) -> list[Any]:
    """Return the data set of a part, the only one (DICOM PS3.18 8.7.3.2)."""
    try:
        return [native_xml.read(document)]
    except native_xml.NotNative as error:
        raise Invalid(error.reason) from error


FORMATS: Final = {
    form.media_type: form
    for form in (
        Format(DICOM_JSON, (b"{", b"[", b","), _of_json),
        # Each attribute of an element is an object, too.
        Format(DICOM_XML, (b"<", b"="), _of_xml),
    )
}
