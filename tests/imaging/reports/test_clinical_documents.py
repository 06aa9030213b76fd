"""Clinical documents (HL7 CDA) as text: their narrative, and nothing else of them."""

from typing import Final
from xml.etree import ElementTree as ET

import pytest

from imaging.reports import Unreadable, html, plain, read_clinical_document
from imaging.reports.reading import MOST_DEPTH, MOST_ITEMS

DOCUMENT: Final = """<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet type="text/xsl" href="javascript:alert(1)"?>
<ClinicalDocument xmlns="urn:hl7-org:v3">
  <title>Radiology Report</title>
  <effectiveTime value="20260131101112+0100"/>
  <recordTarget><patientRole><patient>
    <name><given>Jane</given><family>Doe</family></name>
    <birthTime value="19700102"/>
  </patient></patientRole></recordTarget>
  <author><assignedAuthor><assignedPerson><name>Dr. House</name></assignedPerson>
  </assignedAuthor></author>
  <component><structuredBody>
    <component><section>
      <title>Findings</title>
      <text>
        <paragraph>A <content styleCode="Bold">mass</content> of 3
        cm.</paragraph>
        <list><item>one<br/>two</item><item>&lt;script&gt;</item></list>
        <table><caption>Sizes</caption>
          <tr><th>Where</th><th>mm</th></tr><tr><td>lung</td><td>30</td></tr>
        </table>
        <linkHtml href="javascript:alert(1)">more</linkHtml>
      </text>
      <entry><observation><text>coded, not narrative</text>
        <value value="7"/></observation></entry>
      <component><section><title>Below</title><text>deep</text></section></component>
    </section></component>
  </structuredBody></component>
</ClinicalDocument>
"""


def test_the_narrative_as_text() -> None:
    report = read_clinical_document(DOCUMENT.encode())
    lines = plain(report, "").splitlines()
    assert lines[:6] == [
        "Radiology Report",
        "",
        "Written: 2026-01-31 10:11:12 +0100",
        "Patient: Jane Doe",
        "Born: 1970-01-02",
        "Author: Dr. House",
    ]
    assert lines[7:] == [
        "Findings",
        "  A mass of 3 cm.",
        "  one",
        "  two",
        "  <script>",
        "  Sizes",
        "  Where | mm",
        "  lung | 30",
        "  more",
        "  Below",
        "    deep",
    ]
    page = html(report, "")
    assert "javascript" not in page
    assert "<script" not in page
    ET.fromstring(page.partition("\n")[2])


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1"])
def test_other_encodings(encoding: str) -> None:
    text = DOCUMENT.replace("UTF-8", encoding).replace("Jane", "Zoë")
    report = read_clinical_document(text.encode(encoding))
    assert ("Patient", "Zoë Doe") in report.facts


BOMB: Final = (
    '<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;">]>'
    '<ClinicalDocument xmlns="urn:hl7-org:v3"><title>&c;</title></ClinicalDocument>'
)


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (BOMB.encode(), "DTD"),
        (BOMB.encode("utf-16"), "DTD"),
        (b"", "well-formed"),
        (b"\xff\xfe\x00", "well-formed"),
        (DOCUMENT.encode()[:-40], "well-formed"),
        (DOCUMENT.replace("UTF-8", "x-unknown").encode(), "well-formed"),
        (b"<html/>", "no clinical document"),
        (b"<ClinicalDocument xmlns='urn:hl7-org:v3'>" + b"<a>" * 300, "too deep"),
        (b"<ClinicalDocument a='" + b"x" * 300_000 + b"'/>", "too long"),
    ],
)
def test_what_cannot_be_read_is_refused(document: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read_clinical_document(document)


def _with_body(body: str) -> bytes:
    head = "<ClinicalDocument xmlns='urn:hl7-org:v3'>"
    return f"{head}{body}</ClinicalDocument>".encode()


def test_many_lines_and_deep_sections_are_cut() -> None:
    lines = "<paragraph>x</paragraph>" * (MOST_ITEMS + 5)
    report = read_clinical_document(
        _with_body(f"<section><text>{lines}</text></section>")
    )
    assert report.is_cut
    assert len(report.items[0].items) == MOST_ITEMS - 1
    depth = MOST_DEPTH + 20
    report = read_clinical_document(
        _with_body("<section>" * depth + "<text>x</text>" + "</section>" * depth)
    )
    assert report.is_cut
    assert plain(report, "").count("Section") == MOST_DEPTH
