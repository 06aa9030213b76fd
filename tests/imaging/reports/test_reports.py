"""Content trees as HTML and plain text (DICOM PS3.3 C.17.3)."""

import re
import subprocess
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset

from imaging.reports import html, is_report, plain, read_report
from imaging.reports.reading import MOST_CHARACTERS, MOST_DEPTH, MOST_ITEMS
from tests.imaging.reports.trees import (
    IMAGE,
    SERIES,
    STUDY,
    item,
    model_of,
    of_all_types,
    reference,
    report,
)
from tests.peers import require_peer
from tests.synthetic import encode, instance

ADDRESS: Final = "https://portal/dicomweb"
OF_IMAGE: Final = f"{ADDRESS}/studies/{STUDY}/series/{SERIES}/instances/{IMAGE}"
XHTML: Final = "{http://www.w3.org/1999/xhtml}"
SAMPLES: Final = Path(__file__).parents[4] / "shared" / "data" / "dicom" / "highdicom"


def text_of(dataset: Dataset) -> str:
    return plain(read_report(model_of(dataset)), ADDRESS)


def page_of(dataset: Dataset) -> ET.Element:
    """Return the page, which must be well-formed XML."""
    made = html(read_report(model_of(dataset)), ADDRESS)
    return ET.fromstring(made.partition("\n")[2])


def test_each_type_of_value_as_text() -> None:
    lines = text_of(of_all_types()).splitlines()
    assert lines[0] == "Imaging Report"
    assert lines[lines.index("Patient: Doe, Jane") + 1] == "Patient ID: P1"
    assert {"Written: 2026-01-02 03:04:05", "Completion: complete"} <= set(lines)
    at = lines.index("Context: Observer: Doe, Jane Dr.")
    assert lines[at + 2 : at + 5] == [
        "Acquisition: Day: 2026-01-31",
        "Acquisition: Hour: 10:11:12",
        "Acquisition: Moment: 2026-01-31 10:11:12",
    ]
    assert lines[at + 5 :] == [
        "Findings",
        "  Impression: Two lines",
        "    of <b>text</b> & more",
        "  Finding: Nodule [27925004, SCT]",
        "    Modifier: Laterality: Right [24028007, SCT]",
        "  Diameter: 12.5 mm [millimeter]",
        "    Inferred from: Outline: Polyline [(1; 2), (3.5; 4)]",
        f"      Selected from: CT Image <{OF_IMAGE}/rendered>"
        f" frame 2 <{OF_IMAGE}/frames/2/rendered>"
        f" frame 5 <{OF_IMAGE}/frames/5/rendered>",
        "  Ratio: 3",
        f"  Key image: CT Image <{OF_IMAGE}/rendered>",
        "  Other: CT Image",
    ]


def test_the_page_says_what_the_text_says() -> None:
    dataset = of_all_types()
    page = page_of(dataset)
    body = page.find(f"{XHTML}body")
    assert body is not None
    text = re.sub("<https:.*?>", "", text_of(dataset))
    assert set(_words(text)) == set(_words(" ".join(body.itertext())))
    headings = [each.tag.removeprefix(XHTML) for each in page.iter() if _heads(each)]
    assert headings == ["h1", "h2"]
    links = [each.get("href") for each in page.iter(f"{XHTML}a")]
    assert links == [
        f"{OF_IMAGE}/rendered",
        f"{OF_IMAGE}/frames/2/rendered",
        f"{OF_IMAGE}/frames/5/rendered",
        f"{OF_IMAGE}/rendered",
    ]
    used = {each.tag.removeprefix(XHTML) for each in page.iter()}
    assert not used & {"script", "img", "link", "iframe", "object", "form", "base"}


def _heads(element: ET.Element) -> bool:
    return bool(re.fullmatch(rf"{XHTML}h\d", element.tag))


def test_an_item_in_place_of_another_leads_to_it() -> None:
    below = item("", how="INFERRED FROM", ReferencedContentItemIdentifier=[1, 1])
    dataset = report(
        item("TEXT", "First", TextValue="one"),
        item("TEXT", "Second", below, TextValue="two"),
    )
    page = page_of(dataset)
    assert [each.get("href") for each in page.iter(f"{XHTML}a")] == ["#1.1"]
    found = page.find(f".//{XHTML}li[@id='1.1']")
    assert found is not None
    assert "".join(found.itertext()) == "First: one"
    assert "    Inferred from: see 1.1".strip() in text_of(dataset)


HOSTILE: Final = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "]]><?xml-stylesheet href='x'?>&#60;&lt;",
    "a\x00b\x1b[31mc\x08\x9b\x0c\ufffe",
    "\u202e\u2066evil",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_and_does_nothing(text: str) -> None:
    place: dict[str, Any] = {"Value": [text]}
    model = model_of(of_all_types())
    _everywhere(model, place)
    report_of_it = read_report(model)
    made = html(report_of_it, ADDRESS)
    page = ET.fromstring(made.partition("\n")[2])
    tags = {each.tag.removeprefix(XHTML) for each in page.iter()}
    assert tags <= {
        "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "h3",
        "dl", "dt", "dd", "bdi", "ul", "li", "span", "a", "section",
    }  # fmt: skip
    for element in page.iter():
        assert set(element.attrib) <= {
            "id", "class", "href", "lang", "charset", "name", "content",
        }  # fmt: skip
        assert element.get("href", "#").startswith(("#", f"{ADDRESS}/studies/"))
    for control in "\x00\x08\x0c\x1b\x9b\ufffe":
        assert control not in made
        assert control not in plain(report_of_it, ADDRESS)


def _everywhere(model: Any, value: dict[str, Any]) -> None:
    """Write a value in place of each that is text, but what kind an item is."""
    for key, attribute in model.items():
        held = attribute.get("Value", [])
        if held and isinstance(held[0], dict) and attribute["vr"] == "SQ":
            for each in held:
                _everywhere(each, value)
        elif held and isinstance(held[0], str) and key != "0040A040":
            attribute["Value"] = value["Value"]


@pytest.mark.parametrize(
    "value", [None, [], {}, 7, "x", [None], [[]], [{}], [7], [True]]
)
def test_values_of_the_wrong_kind_are_none(value: Any) -> None:
    def odd(model: Any) -> None:
        for key, attribute in list(model.items()):
            for each in attribute.get("Value", []):
                if isinstance(each, dict) and attribute["vr"] == "SQ":
                    odd(each)
            if key not in {"0040A040", "0040A730"}:
                model[key] = {"vr": attribute["vr"], "Value": value}

    model = model_of(of_all_types())
    odd(model)
    made = read_report(model)
    assert made.title == "Report"
    assert len(made.items) == 6
    ET.fromstring(html(made, ADDRESS).partition("\n")[2])


def test_a_wide_tree_is_cut_and_says_so() -> None:
    leaf = {"0040A040": {"vr": "CS", "Value": ["TEXT"]}}
    content = {"vr": "SQ", "Value": [leaf] * (MOST_ITEMS + 50)}
    made = read_report({**leaf, "0040A730": content})
    assert (len(made.items), made.is_cut) == (MOST_ITEMS, True)
    assert "longer than what is shown" in html(made, ADDRESS)
    assert "longer than what is shown" in plain(made, ADDRESS)


def test_long_texts_are_cut_and_say_so() -> None:
    leaf = {
        "0040A040": {"vr": "CS", "Value": ["TEXT"]},
        "0040A160": {"vr": "UT", "Value": ["<" * (1 << 20)]},
    }
    content = {"vr": "SQ", "Value": [leaf] * 50}
    made = read_report({**leaf, "0040A730": content})
    assert made.is_cut
    assert len(plain(made, ADDRESS)) < MOST_CHARACTERS + 10_000
    assert len(html(made, ADDRESS)) < 4 * MOST_CHARACTERS + 10_000  # each is ``&lt;``


def test_a_deep_tree_is_cut_and_says_so() -> None:
    model: Any = {"0040A040": {"vr": "CS", "Value": ["CONTAINER"]}}
    for _ in range(500):
        content = {"vr": "SQ", "Value": [model]}
        model = {"0040A040": {"vr": "CS", "Value": ["CONTAINER"]}, "0040A730": content}
    made = read_report(model)
    assert made.is_cut
    page = html(made, ADDRESS)
    assert page.count("<section") == MOST_DEPTH + 1
    assert "<h7" not in page


def test_many_coordinates_and_frames_are_counted() -> None:
    many = reference(IMAGE, ReferencedFrameNumber=list(range(1, 60)))
    points = item("SCOORD", "O", GraphicType="POLYLINE", GraphicData=[1.5] * 200)
    text = text_of(report(points, item("IMAGE", "I", ReferencedSOPSequence=[many])))
    assert "[and 140 more numbers]" in text
    assert "[and 39 more frames]" in text


def test_characters_of_any_script() -> None:
    dataset = report(item("TEXT", "所見", TextValue="右肺に結節"), title="報告書")
    dataset.PatientName = "Yamada^Tarou=山田^太郎=やまだ^たろう"
    lines = text_of(dataset).splitlines()
    assert lines[0] == "報告書"
    assert "Patient: Yamada, Tarou (山田, 太郎, やまだ, たろう)" in lines
    assert "所見: 右肺に結節" in lines


def test_bytes_of_no_character_set_do_not_stop_it() -> None:
    dataset = report(item("TEXT", "Finding", TextValue="XXXX"))
    content = encode(dataset).replace(b"XXXX", b"\xff\xfeX\x80")
    assert "\ufffd" in plain(read_report(model_of(content)), ADDRESS)


def test_what_is_a_report() -> None:
    assert is_report(model_of(report()))
    assert not is_report(model_of(instance()))
    assert text_of(report()).startswith("Imaging Report\n\nPatient: ")


FILES: Final = (
    Path(str(get_testdata_file("test-SR.dcm"))),
    SAMPLES / "sr_document.dcm",
    SAMPLES / "sr_document_with_multiple_groups.dcm",
)


@pytest.mark.peer("dcmtk")
@pytest.mark.parametrize("path", [*FILES, None], ids=lambda path: str(path)[-30:])
def test_dcmtk_shows_nothing_that_is_left_out(
    path: Path | None, tmp_path: Path
) -> None:
    if path is None:
        path = tmp_path / "made.dcm"
        path.write_bytes(encode(of_all_types()))
    if not path.exists():
        pytest.skip("without the sample folder")
    program = require_peer("dcmtk")["dsr2html"]
    command = [str(program), "+U8", "+Ci", "-Dh", "-Er", "-Ec", str(path)]
    done = subprocess.run(command, capture_output=True, check=True)
    shown = set(_words(plain(read_report(model_of(path.read_bytes())), ADDRESS)))
    assert set(_words(_visible(done.stdout.decode()))) - shown <= DCMTKS_OWN


# Its own words, around what the report says.
DCMTKS_OWN: Final = frozenset(
    {
        "concept", "observation", "properties", "annex", "footnote", "content", "item",
        "by-reference", "for", "with", "ctimagestorage", "basictextsrstorage",
        "hemodynamicwaveformstorage",
        *map(str, range(30)),
    }
)  # fmt: skip


class _Text(HTMLParser):
    """Collects what a browser would show."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def _visible(page: str) -> str:
    reader = _Text()
    reader.feed(page.partition("<body>")[2].partition('<div class="footnote">')[0])
    return " ".join(reader.texts)


def _words(text: str) -> Iterator[str]:
    found = re.findall(r"[\w.-]*\w", unescape(text))
    return (each.lower().removesuffix(".0") for each in found)
