"""Which documents are valid, known by whoever has sent them before.

Pages send the same documents again and again, and it takes more to validate one than to
parse and answer it. Whether it is valid its text and the schema alone decide; what it
may ask (`core.graphql.limits`) is measured each time. A document itself is not kept: it
may hold what is told of a patient.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterator
from functools import partial
from typing import Final

from strawberry.extensions import SchemaExtension

MAXIMUM_KNOWN: Final = 10_000  # about 1 MB


class KnownDocuments:
    """The documents of one schema that were found valid, those last sent.

    Parameters
    ----------
    maximum
        At most so many.
    """

    def __init__(self, maximum: int = MAXIMUM_KNOWN) -> None:
        self._maximum = maximum
        self._digests: OrderedDict[bytes, None] = OrderedDict()

    def knows(self, query: str) -> bool:
        """Return whether a document was found valid."""
        digest = _digest(query)
        if digest not in self._digests:
            return False
        self._digests.move_to_end(digest)
        return True

    def add(self, query: str) -> None:
        """Note that a document was found valid."""
        self._digests[_digest(query)] = None
        while len(self._digests) > self._maximum:
            self._digests.popitem(last=False)


class ValidateOnce(SchemaExtension):
    """Has a document validated where it is not known to be valid.

    Stands behind what measures documents, and leaves those alone that it refuses.

    Parameters
    ----------
    known
        What its schema keeps of the operations before.
    """

    def __init__(self, known: KnownDocuments) -> None:
        self._known = known

    def on_validate(self) -> Iterator[None]:
        """Leave out the rules, or note that they have found nothing."""
        context = self.execution_context
        query = context.query or ""
        if context.pre_execution_errors is not None:
            yield
        elif self._known.knows(query):
            context.pre_execution_errors = []
            yield
        else:
            yield
            if context.pre_execution_errors == []:
                self._known.add(query)


def validate_once() -> "partial[ValidateOnce]":
    """Return what makes the extension for each operation of one schema."""
    return partial(ValidateOnce, KnownDocuments())


def _digest(query: str) -> bytes:
    return hashlib.sha256(query.encode(errors="surrogatepass")).digest()
