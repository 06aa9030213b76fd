"""What is shown of an event to who may not see whose it is: pure.

A list of what is shown, not of what is left out: a member that nobody thought of is not
there. Codes of code systems with what these call them, numbers with units that UCUM
knows, kinds and statuses; dates are shifted, times of day left out; studies and
resources have pseudonyms. Whatever somebody may have typed is left out: words without a
code, descriptions, values in words, places, units of one's own.
"""

from typing import Final, NamedTuple

from cohorts.pseudonyms.names import Names, shifted
from fhirlink.events.codes import Coding
from fhirlink.happened import Happened
from fhirlink.search.units import scale_of

OLDEST: Final = 89
"""Years; who is older is told as 90+ (45 CFR 164.514(b)(2)(i)(C))."""

_CODES_OF_STATUS: Final = """
aborted active amended appended arrived available cancelled completed confirmed
corrected current declined differential doNotPerform draft ended entered-in-error
final finished generated in-progress inactive intended not-done not-taken on-hold
onleave partial planned preliminary preparation provisional recurrence refuted
registered relapse remission resolved revoked stopped superseded triaged unavailable
unconfirmed unknown unsatisfactory
"""
_STATUSES: Final = frozenset(_CODES_OF_STATUS.split())
"""Of FHIR R4's resources that events are told by, and of their verification."""


class _Measured(NamedTuple):
    """A value as it is shown."""

    value: str = ""
    unit: str = ""


def shown_event(event: Happened, names: Names, back: int) -> Happened:
    """Return an event with nothing but what is shown.

    Parameters
    ----------
    back
        Days that the dates of its patient are shifted.
    """
    coded = event.coded
    measured = _measured(event)
    return Happened(
        id=0,
        kind=event.kind,
        part=event.part,
        start_first=shifted(event.start_first, back),
        start_last=shifted(event.start_last, back),
        second=None,
        run_first=shifted(event.run_first, back),
        end_first=shifted(event.end_first, back),
        end_last=shifted(event.end_last, back),
        label=coded.label,
        code=_code(event),
        category=coded.category,
        value=measured.value,
        unit=measured.unit,
        low=None,
        high=None,
        canonical_unit="",
        status=" ".join(e for e in event.status.split() if e in _STATUSES),
        is_counted=event.is_counted,
        site="",
        resource=names.resource(event.resource) if event.resource else "",
        studies=tuple(names.study(each) for each in event.studies),
        encounter=None,
        coded=coded,
    )


def _code(event: Happened) -> Coding | None:
    code = event.code
    if code is None or not code.system or not event.coded.label:
        return None
    return Coding(code.system, code.code, event.coded.label)


def _measured(event: Happened) -> _Measured:
    """Return a number, or what a code system calls the value."""
    if event.low is None or event.high is None:
        return _Measured(event.coded.value)
    if not event.unit:
        return _Measured(event.value)
    scale = scale_of(None, event.unit)
    if scale is None or "{" in event.unit:
        return _Measured(event.value)
    if event.unit in _YEARS and event.high > OLDEST:
        return _Measured(f">{OLDEST}" if event.low > OLDEST else "", event.unit)
    return _Measured(event.value, event.unit)


_YEARS: Final = frozenset({"a", "years"})
"""In which ages are told."""
