"""What is shown of a series without whose it is: a list, member by member."""

from cohorts.pseudonyms.series import shown_series
from imaging.technique import Technique

MADE = Technique(
    "CT", "Chest ", "ACME", "One", 3, 1.0, 0.8, 120.0, rows=512, columns=256
)


def test_codes_are_those_of_dicoms_tables() -> None:
    shown = shown_series(MADE)
    assert shown == MADE._replace(body_part="CHEST")
    odd = shown_series(MADE._replace(modality="ZEBRA", body_part="ZEBRA LEG"))
    assert (odd.modality, odd.body_part) == ("", "")


def test_numbers_stay_as_they_are() -> None:
    magnetic = MADE._replace(
        magnetic_field_strength_t=3.0,
        repetition_time_ms=500.0,
        echo_time_ms=12.5,
        flip_angle_deg=90.0,
        body_part="",
    )
    assert shown_series(magnetic) == magnetic
