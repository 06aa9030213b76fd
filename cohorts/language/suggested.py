"""What the data say of the names of a question: that nobody has it, what is like it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from cohorts.language.chosen import NAME


class Named(NamedTuple):
    """A concept, and where the question says it.

    Attributes
    ----------
    name, type
        As criteria have it.
    phrase, start, end
        As it is written.
    """

    name: str
    type: str
    phrase: str
    start: int
    end: int


class Absent(NamedTuple):
    """A name of the criteria that is not there.

    Attributes
    ----------
    fewer_than
        How many events it is less than that are called so: 1, nobody has it; more for
        whom that would say too much.
    """

    text: str
    type: str
    fewer_than: int


class Suggestion(NamedTuple):
    """A name of the data that could be meant by words of the question.

    Attributes
    ----------
    phrase, start, end
        The words.
    name, domain
        What the data call it, and the type of its events.
    system, code
        Of its coding; empty of words alone.
    likeness
        The cosine of their vectors: 1 is the same.
    """

    phrase: str
    start: int
    end: int
    name: str
    domain: str
    system: str
    code: str
    likeness: float

    @property
    def slot(self) -> str:
        """Return what it is chosen by."""
        return NAME + self.phrase


def as_json(
    absent: Sequence[Absent], suggestions: Sequence[Suggestion]
) -> dict[str, Any]:
    """Return both as JSON, as ``manage.py ask --json`` prints them."""
    return {
        "absent": [each._asdict() for each in absent],
        "suggestions": [
            {
                "slot": each.slot,
                "phrase": each.phrase,
                "name": each.name,
                "domain": each.domain,
                "system": each.system,
                "code": each.code,
                "likeness": each.likeness,
            }
            for each in suggestions
        ],
    }
