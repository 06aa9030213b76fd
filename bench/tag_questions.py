"""The searches of `bench.tags`, and what each has to find: known from the archive.

A page has as many results in an archive of any size: a hundred, or less where the small
one has no more.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Final

from bench import answers
from bench.tag_archive import (
    NUMBERS,
    SERIES_OF_A_STUDY,
    Archive,
    date_of,
    day,
    duration,
    modality,
    position,
    procedure,
    protocol,
    serial,
)

PAGE: Final = 100
SHORT: Final = 20  # a page where little matches in the small archive
VARIANTS: Final = 8  # questions that a row goes round in
_FAR: Final = 20  # how manieth page is a late one
_HUNDREDTH: Final = NUMBERS // 100
_FIRST_NUMBER: Final = 1200  # where the ranges begin that 1 % lie in
_FIRST_DATE: Final = 300

Passes = Callable[[int], bool]
"""Whether a series is found, by its number."""


@dataclass(frozen=True, slots=True)
class Question:
    """A search of series, the how manieth of its pages is asked for, and its check."""

    query: str
    check: answers.Check
    page: int = 1
    everywhere: bool = False


def questions(archive: Archive) -> dict[str, list[Question]]:
    """Return the questions of each row: by tags, then by attributes alone."""
    return {**_by_values(archive), **_by_ranges(archive), **_by_attributes(archive)}


def _by_values(archive: Archive) -> dict[str, list[Question]]:
    def half(series: int) -> bool:
        return position(archive, series) == "HFS"

    def begins(start: str) -> Passes:
        return lambda series: protocol(archive, series).startswith(start)

    def wanted(series: int) -> bool:
        return serial(archive, series) == "WANTED"

    def of_study(value: str) -> Passes:
        return lambda series: procedure(archive, series // SERIES_OF_A_STUDY) == value

    head = [f"Protocol {number}" for number in range(10, 10 + VARIANTS)]
    return {
        "half have it": [_ask(archive, "PatientPosition=HFS", half)],
        "ten have it": [_ask(archive, "DeviceSerialNumber=WANTED", wanted)],
        "nobody has it": [_ask(archive, "DeviceSerialNumber=NONE", _nobody)],
        "begins with, 1 %": [
            _ask(archive, f"ProtocolName={start}*", begins(start)) for start in head
        ],
        "two tags, half and 1 %": [
            _ask(
                archive,
                f"PatientPosition=HFS&ProtocolName={start}*",
                _both(half, begins(start)),
                size=SHORT,
            )
            for start in head
        ],
        "a study's tag, 1 %": [
            _ask(archive, "RequestedProcedureDescription=Trial", of_study("Trial"))
        ],
        "a study's tag, half": [
            _ask(archive, "RequestedProcedureDescription=Routine", of_study("Routine"))
        ],
    }


def _by_ranges(archive: Archive) -> dict[str, list[Question]]:
    key = "AcquisitionDuration"

    def between(first: int, last: int) -> Passes:
        return lambda series: first <= int(duration(archive, series)) <= last

    few = [
        (start, start + _HUNDREDTH - 1)
        for start in range(
            _FIRST_NUMBER, _FIRST_NUMBER + VARIANTS * _HUNDREDTH, _HUNDREDTH
        )
    ]
    half = (0, NUMBERS // 2 - 1)
    is_half = between(*half)
    return {
        "a range, 1 %": [
            _ask(archive, f"{key}={a}-{b}", between(a, b)) for a, b in few
        ],
        "a range, 1 %, and Modality": [
            _ask(
                archive,
                f"{key}={a}-{b}&Modality=CT",
                _both(between(a, b), _is_ct),
                size=SHORT,
            )
            for a, b in few
        ],
        "a range, 1 %, all partitions": [
            _ask(archive, f"{key}={a}-{b}", between(a, b), everywhere=True)
            for a, b in few
        ],
        "a range, half": [_ask(archive, f"{key}={half[0]}-{half[1]}", is_half)],
        f"a range, half, page {_FAR}": [
            _ask(archive, f"{key}={half[0]}-{half[1]}", is_half, page=_FAR)
        ],
        "a range, all": [_ask(archive, f"{key}=0-", _everybody)],
    }


def _by_attributes(archive: Archive) -> dict[str, list[Question]]:
    days = [
        [date_of(_FIRST_DATE + 10 * place), date_of(_FIRST_DATE + 10 * place + 9)]
        for place in range(VARIANTS)
    ]

    def within(first: str, last: str) -> Passes:
        return lambda series: first <= day(series // SERIES_OF_A_STUDY) <= last

    return {
        "everything": [_ask(archive, "", _everybody)],
        "Modality, a fifth": [_ask(archive, "Modality=CT", _is_ct)],
        "StudyDate, 1 %": [
            _ask(archive, f"StudyDate={a}-{b}", within(a, b)) for a, b in days
        ],
        "StudyDate, 1 %, and Modality": [
            _ask(
                archive,
                f"StudyDate={a}-{b}&Modality=CT",
                _both(within(a, b), _is_ct),
                size=SHORT,
            )
            for a, b in days
        ],
    }


def _ask(
    archive: Archive,
    query: str,
    passes: Passes,
    *,
    page: int = 1,
    size: int = PAGE,
    everywhere: bool = False,
) -> Question:
    newest_first = range(archive.number_of_series - 1, -1, -1)
    found = (series for series in newest_first if passes(series))
    asked = islice(found, size * (page - 1), size * page)
    uids = [archive.series_uid(series) for series in asked]
    check = answers.lists(answers.SERIES_UID, uids)
    limited = "&".join(filter(None, (query, f"limit={size}")))
    return Question(limited.replace(" ", "%20"), check, page, everywhere)


def _both(one: Passes, other: Passes) -> Passes:
    return lambda series: one(series) and other(series)


def _is_ct(series: int) -> bool:
    return modality(series) == "CT"


def _everybody(_series: int) -> bool:
    return True


def _nobody(_series: int) -> bool:
    return False
