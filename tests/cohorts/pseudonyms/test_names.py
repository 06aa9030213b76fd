"""Pseudonyms: the same in a project, unrelated between projects."""

from datetime import date, timedelta

from pydicom.uid import UID

from cohorts.pseudonyms.names import MOST_DAYS, Names, shifted
from fhirlink.events.days import ALWAYS

ONE, OTHER = Names(b"1" * 32), Names(b"2" * 32)


def test_what_is_made_lasts_and_differs_by_project_use_and_name() -> None:
    assert ONE.patient("imaging/1") == Names(b"1" * 32).patient("imaging/1")
    made = {
        *(names.patient(of) for names in (ONE, OTHER) for of in ("1", "2", "1\0")),
        *(names.resource(f"X/{of}") for names in (ONE, OTHER) for of in ("1", "2")),
        *(names.study(of) for names in (ONE, OTHER) for of in ("1", "2")),
    }
    assert len(made) == 6 + 4 + 4
    assert ONE.resource("X/1").partition("/")[2] != ONE.patient("X/1")
    assert ONE.resource("Condition/c1").startswith("Condition/")


def test_a_study_has_a_uid_that_is_one() -> None:
    uid = ONE.study("1.2.840.1")
    assert UID(uid).is_valid
    assert uid.startswith("2.25.")
    assert len(uid) <= 64


def test_days_are_shifted_back_by_at_most_a_year_and_intervals_hold() -> None:
    backs = [ONE.days_back(str(number)) for number in range(3000)]
    assert (min(backs), max(backs)) == (1, MOST_DAYS)
    assert len(set(backs)) > 350
    first, last = date(2024, 2, 29), date(2024, 3, 5)
    one, other = shifted(first, 100), shifted(last, 100)
    assert one == first - timedelta(days=100)
    assert other == one + (last - first)
    assert (shifted(None, 5), shifted(ALWAYS, 5)) == (None, ALWAYS)
    assert shifted(date.min, 5) == date.min
