import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from bench import chart
from bench.figure import Figure, table
from bench.panel import read_panel

SVG = "{http://www.w3.org/2000/svg}"
FACTS: dict[str, Any] = {
    "date": "2026-01-02T03:04:05+00:00",
    "machine": {"cpu": "Abacus", "cores": "2", "memory": "8 GiB", "python": "3.11"},
    "plan": "3 rounds",
}


def row(name: str, ratio: float | None, target: float) -> dict[str, Any]:
    return {
        "name": name,
        "unit": "req/s",
        "orthanc": {"rate": 10.0},
        "ours": {"rate": None if ratio is None else ratio * 10},
        "ratio": ratio,
        "target": target,
        "reached": None if ratio is None else ratio >= target,
    }


@pytest.fixture
def against(tmp_path: Path) -> Path:
    """Return the file of a run beside Orthanc: reached, missed, slower, no figure."""
    versions = {
        "Orthanc": {"Orthanc": "1.10.1", "DICOMweb plugin": "1.7"},
        "portal": {"portal": "0.1.0", "commit": "abc"},
    }
    rows = [row("A*", 200.0, 20), row("B", 2.0, 20), row("C <&", 0.5, 1.0)]
    run = {**FACTS, "versions": versions, "rows": [*rows, row("D", None, 4)]}
    path = tmp_path / "figures.json"
    path.write_text(json.dumps(run), encoding="utf-8")
    return path


@pytest.fixture
def alone(tmp_path: Path) -> Path:
    """Return the file of a run with figures of its own."""
    figures = [
        Figure("grown", "x", 1.2, 1.5, details={"small ms": 1.0, "large ms": 1.2}),
        Figure("slowed", "x", 0.5, 0.9, at_most=False),
        Figure("huge", "MB", 640.0, 64.0),
    ]
    run = {
        **FACTS,
        "title": "Growth",
        "versions": {"portal": {"portal": "0.1.0", "commit": "abc"}},
        "figures": [figure.as_json() for figure in figures],
    }
    path = tmp_path / "growth.json"
    path.write_text(json.dumps(run), encoding="utf-8")
    return path


def drawn(*paths: Path) -> ET.Element:
    out = paths[0].with_suffix(".svg")
    assert chart.main([str(path) for path in (*paths, out)]) == 0
    return ET.fromstring(out.read_text(encoding="utf-8"))


def bars(picture: ET.Element, kind: str) -> list[tuple[float, float]]:
    """Return where the bars of a kind begin and end; the first is the legend's."""
    found = [
        (float(bar.attrib["x"]), float(bar.attrib["width"]))
        for bar in picture.iter(f"{SVG}rect")
        if bar.attrib["class"] == kind and bar.attrib["width"] != "10"
    ]
    return [(start, start + width) for start, width in found]


def words(picture: ET.Element) -> list[str]:
    return [text.text or "" for text in picture.iter(f"{SVG}text")]


def test_a_picture_has_a_bar_for_each_figure_and_a_tick_for_each_target(
    against: Path,
) -> None:
    picture = drawn(against)

    lines = [line.attrib["class"] for line in picture.iter(f"{SVG}line")]
    assert lines.count("tick") == 4 + 1  # that of the legend
    (fast,) = bars(picture, "yes")
    behind, slower = bars(picture, "no")
    assert fast[0] == behind[0] == slower[1]  # where both are equally fast
    # A ratio of 2 is as far to the right as one of a half is to the left.
    assert behind[1] - behind[0] == pytest.approx(slower[1] - slower[0], abs=0.2)
    assert {"A*", "B", "C <&", "D"} <= set(words(picture))
    assert {"200 x", "2.00 x, missed", "no figure"} <= set(words(picture))


def test_a_picture_says_what_figures_are_worth_nothing_without(against: Path) -> None:
    text = " ".join(words(drawn(against)))

    assert "Orthanc 1.10.1 with DICOMweb plugin 1.7: a 2022 build." in text
    assert "Portal 0.1.0, abc." in text
    assert "Abacus, 2 cores, 8 GiB, Python 3.11, 2026-01-02." in text


def test_everything_lies_inside_of_the_picture(against: Path, alone: Path) -> None:
    picture = drawn(against, alone)
    width, height = (float(picture.attrib[name]) for name in ("width", "height"))

    for line in picture.iter(f"{SVG}line"):
        assert 0 < float(line.attrib["x1"]) < width
    for text in picture.iter(f"{SVG}text"):
        assert 0 < float(text.attrib["x"]) < width
        assert 0 < float(text.attrib["y"]) < height
    for _start, end in bars(picture, "yes") + bars(picture, "no"):
        assert end < width


def test_values_of_their_own_are_drawn_by_their_share_of_the_target(
    alone: Path,
) -> None:
    picture = drawn(alone)

    ((left, grown),) = bars(picture, "yes")
    (_, slowed), (_, huge) = bars(picture, "no")
    full = huge - left  # twice the target, however much it is
    assert (grown - left) / full == pytest.approx(1.2 / 1.5 / 2, abs=0.01)
    assert (slowed - left) / full == pytest.approx(0.5 / 0.9 / 2, abs=0.01)


def test_tables_in_markdown(
    against: Path, alone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert chart.main(["--markdown", str(against), str(alone)]) == 0

    text = capsys.readouterr().out
    assert "| row | Orthanc | portal | unit | ratio | target |  |" in text
    assert r"| A\* | 10.0 | 2000 | req/s | 200 x | ≥ 20 x | reached |" in text
    assert "| D | 10.0 | - | req/s | - | ≥ 4 x | no figure |" in text
    assert "| grown | 1.00 | 1.20 | 1.20 x | ≤ 1.5 x | reached |" in text
    assert "| slowed | - | - | 0.50 x | ≥ 0.9 x | **missed** |" in text
    widths = {line.count("|") for line in text.splitlines() if line.startswith("|")}
    assert widths == {8, 7}


def test_a_picture_needs_a_run_and_a_path(against: Path) -> None:
    with pytest.raises(SystemExit):
        chart.main([str(against)])


def test_a_figure_without_value_is_neither_reached_nor_missed() -> None:
    missing = Figure("lost", "x", None, 1.5, failure="nobody answered")

    assert missing.reached is None
    assert re.search(r"^lost\s.*-\s+x\s+<= 1.5\s+-$", table([missing]), re.MULTILINE)
    assert "lost: no figure: nobody answered" in table([missing])


@pytest.mark.parametrize(
    ("value", "at_most", "reached"),
    [(1.0, True, True), (1.1, True, False), (1.0, False, True), (0.9, False, False)],
)
def test_a_target_is_reached_from_its_side(
    value: float, at_most: bool, reached: bool
) -> None:
    assert Figure("row", "x", value, 1.0, at_most=at_most).reached is reached


def test_the_panel_of_a_run_keeps_the_order_of_its_rows(against: Path) -> None:
    assert [bar.name for bar in read_panel(against).bars] == ["A*", "B", "C <&", "D"]
