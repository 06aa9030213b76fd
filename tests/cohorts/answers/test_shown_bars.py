"""Which bars of a protected chart are drawn: by what is told, and that alone."""

from typing import Final

from cohorts.answers.charts import Bar, shown
from cohorts.answers.small_cells import cell_of

_SEXES: Final = ("male", "female", "other", "unknown")


def bar(value: str, number: int | None) -> Bar:
    cell = cell_of(number, is_protected=True)
    return Bar(value, value, cell, cell)


def drawn(
    *bars: Bar, is_ordered: bool = False, whole: tuple[str, ...] | None = None
) -> list[str]:
    return [each.value for each in shown(bars, is_ordered=is_ordered, whole=whole)]


def test_bars_of_too_few_are_left_out_and_most_come_first() -> None:
    bars = [bar("b", 10), bar("few", None), bar("a", 10), bar("c", 30)]
    assert drawn(*bars) == ["c", "a", "b"]
    assert drawn(*bars, is_ordered=True) == ["b", "a", "c"]
    assert len(drawn(*(bar(f"v{at}", 5) for at in range(30)))) == 20


def test_where_one_value_alone_is_missing_the_smallest_other_goes_too() -> None:
    male, female, other = bar("male", 40), bar("female", 60), bar("other", 10)
    assert drawn(male, female, other, whole=_SEXES) == ["female", "male"]
    # As told as few or as not there at all.
    few = bar("unknown", None)
    assert drawn(male, female, other, few, whole=_SEXES) == ["female", "male"]
    assert drawn(male, female, whole=_SEXES) == ["female", "male"]
    everyone = [male, female, other, bar("unknown", 20)]
    assert drawn(*everyone, whole=_SEXES) == ["female", "male", "unknown", "other"]
