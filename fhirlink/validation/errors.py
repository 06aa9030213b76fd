"""A resource that is refused, and why."""

from collections.abc import Sequence

from core.errors import Invalid
from fhirlink.validation.issues import Issue


class InvalidResource(Invalid):
    """A resource is none of FHIR R4.

    Parameters
    ----------
    issues
        What is wrong with it, one at least.
    """

    code = "INVALID_RESOURCE"

    def __init__(self, issues: Sequence[Issue]) -> None:
        first = issues[0]
        of_all = f" (the first of {len(issues)} issues)" if len(issues) > 1 else ""
        message = f"It {first.diagnostics}{of_all}."
        super().__init__(message, path=first.expression)
        self.issues = tuple(issues)

    def within(self, place: str) -> "InvalidResource":
        """Return the same of a resource that stands at a place in another one."""
        return InvalidResource(
            [
                each._replace(expression=_within(place, each.expression))
                for each in self.issues
            ]
        )


def _within(place: str, expression: str) -> str:
    """Put a place instead of the type that an expression begins with."""
    _, dot, rest = expression.partition(".")
    return f"{place}{dot}{rest}"
