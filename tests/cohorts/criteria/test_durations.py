"""Durations of the calendar."""

from datetime import date

import pytest

from cohorts.criteria.durations import day_after, format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("P1Y", "P1Y"),
        ("P12M", "P1Y"),
        ("P18M", "P1Y6M"),
        ("P2W", "P14D"),
        ("-P30D", "-P30D"),
        ("+P30D", "P30D"),
        ("P0D", "P0D"),
        ("-P0Y", "P0D"),
    ],
)
def test_a_duration_has_one_form(text: str, form: str) -> None:
    assert format_duration(parse_duration(text)) == form


@pytest.mark.parametrize("text", ["", "P", "1Y", "PT5H", "P1.5Y", "P1D ", "P-1D"])
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("day", "duration", "found"),
    [
        (date(2024, 1, 31), "P1M", date(2024, 2, 29)),
        (date(2023, 1, 31), "P1M", date(2023, 2, 28)),
        (date(2024, 2, 29), "P1Y", date(2025, 2, 28)),
        (date(2024, 3, 31), "-P1M", date(2024, 2, 29)),
        (date(2024, 3, 1), "-P1D", date(2024, 2, 29)),
        (date(2026, 1, 1), "-P2Y", date(2024, 1, 1)),
        (date(2026, 1, 1), "-P999999Y", date.min),
        (date(2026, 1, 1), "P9999999D", date.max),
    ],
)
def test_months_are_those_of_the_calendar(
    day: date, duration: str, found: date
) -> None:
    assert day_after(day, parse_duration(duration)) == found
