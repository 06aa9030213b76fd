import pytest

from bench.stats import median_of, percentile, ratio


@pytest.mark.parametrize(
    ("percent", "value"), [(0, 1), (50, 5), (51, 6), (95, 10), (100, 10)]
)
def test_percentile_is_the_nearest_rank(percent: float, value: float) -> None:
    assert percentile([7, 3, 10, 1, 5, 2, 8, 4, 9, 6], percent) == value


def test_percentile_of_one_value_is_that_value() -> None:
    assert percentile([4.5], 95) == 4.5


def test_median_of_nothing_is_nothing() -> None:
    assert median_of([]) is None
    assert median_of([3, 1, 2]) == 2
    assert median_of([1, 2]) == 1.5


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [(30.0, 10.0, 3.0), (None, 10.0, None), (30.0, None, None), (30.0, 0.0, None)],
)
def test_ratio(
    ours: float | None, theirs: float | None, expected: float | None
) -> None:
    assert ratio(ours, theirs) == expected
