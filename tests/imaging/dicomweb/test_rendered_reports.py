"""WADO-RS: reports as text (DICOM PS3.18 8.7.2, 8.7.4, 10.4.1.1.3)."""

import base64
import hashlib
import re
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import EncapsulatedCDAStorage, EncapsulatedPDFStorage

from core.access import Verb
from core.models import AuditRecord
from imaging.dicomweb import rendering_rules
from imaging.dicomweb.dialect import Dialect
from imaging.reports import MOST_BYTES
from tests.actors import acting
from tests.imaging.dicomweb.service import Service
from tests.imaging.rendering.oracle import grey, noise
from tests.imaging.reports.test_clinical_documents import DOCUMENT
from tests.imaging.reports.trees import item, of_all_types, report
from tests.synthetic import instance, new_uid

pytestmark = pytest.mark.usefixtures("committing")
HTML: Final = "text/html"
# What Chromium sends for a page.
BROWSER: Final = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,"
    "image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7"
)


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.mark.parametrize("level", ["study", "series", "instance"])
@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        (None, HTML),
        ("*/*", HTML),
        (BROWSER, HTML),
        ("text/*", HTML),
        ("text/plain", "text/plain"),
        ("text/xml", "text/xml"),
        ("text/html;q=0.5, text/plain, image/jpeg", "text/plain"),
    ],
)
def test_a_report_in_the_type_that_is_accepted(
    service: Service, level: str, accept: str | None, wanted: str
) -> None:
    dataset = of_all_types()
    service.store(dataset)
    answer = service.get(service.url(dataset, level, "/rendered"), accept)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == f"{wanted}; charset=utf-8"
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert answer.headers["cache-control"] == "private, no-cache"
    assert "Nodule" in answer.text
    assert answer.text.startswith("<!DOCTYPE html>") == (wanted != "text/plain")
    if wanted == "text/xml":
        assert ET.fromstring(answer.text).tag.endswith("html")


def test_a_browser_that_shows_it_may_do_nothing(service: Service) -> None:
    dataset = report(item("TEXT", "x", TextValue="<script>alert(1)</script>"))
    service.store(dataset)
    answer = service.get(service.url(dataset, path="/rendered"), BROWSER)
    assert "<script" not in answer.text
    (style,) = re.findall("<style>(.*?)</style>", answer.text)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert answer.headers["content-security-policy"] == (
        f"sandbox; default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none';"
        " form-action 'none'; frame-ancestors 'none'"
    )
    assert " style=" not in answer.text


def test_its_links_lead_to_what_can_be_had(service: Service) -> None:
    image = grey(noise("uint8"))
    dataset = of_all_types()
    evidence = dataset.CurrentRequestedProcedureEvidenceSequence[0]
    evidence.StudyInstanceUID = image.StudyInstanceUID
    series = evidence.ReferencedSeriesSequence[0]
    series.SeriesInstanceUID = image.SeriesInstanceUID
    image.SOPInstanceUID = series.ReferencedSOPSequence[0].ReferencedSOPInstanceUID
    service.store(dataset, image)
    page = service.get(service.url(dataset, path="/rendered")).text
    links = re.findall('href="(http.*?)"', page)
    assert len(links) == 4
    assert {service.get(link).status_code for link in links} == {200, 404}  # frame 2
    assert service.get(links[0]).headers["content-type"] == "image/jpeg"


def test_tags_conditions_ranges_and_head(service: Service) -> None:
    dataset = of_all_types()
    service.store(dataset)
    url = service.url(dataset, path="/rendered")
    answer, text = service.get(url), service.get(url, "text/plain")
    tag = answer.headers["etag"]
    assert tag != text.headers["etag"]
    assert service.get(url, if_none_match=tag).status_code == 304
    head = service.get(url, method="HEAD")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == answer.headers["content-length"]
    part = service.get(url, "text/plain", range="bytes=0-6")
    assert (part.status_code, part.text) == (206, "Imaging")


@pytest.mark.parametrize("accept", ["image/jpeg", "application/pdf", "text/rtf"])
def test_other_types_are_refused_with_those_there_are(
    service: Service, accept: str
) -> None:
    dataset = report()
    service.store(dataset)
    answer = service.get(service.url(dataset, path="/rendered"), accept)
    assert answer.status_code == 406
    if accept != "text/rtf":
        assert "Made: text/html, text/plain, text/xml." in answer.text
    text = service.get(service.url(dataset, path="/rendered?charset=latin1"))
    assert text.status_code == 406


def test_an_image_beside_it_stands_for_the_study(service: Service) -> None:
    study = new_uid()
    dataset = report(StudyInstanceUID=study)
    image = grey(noise("uint8"), StudyInstanceUID=study, SeriesNumber=9)
    service.store(dataset, image)
    answer = service.get(service.url(image, "study", "/rendered"), BROWSER)
    assert answer.headers["content-type"] == "image/jpeg"
    text = service.get(service.url(image, "study", "/rendered"), HTML)
    assert text.status_code == 406
    assert "Made: image/jpeg" in text.text


def test_it_has_no_frames(service: Service) -> None:
    dataset = report()
    service.store(dataset)
    answer = service.get(service.url(dataset, path="/frames/1/rendered"))
    assert answer.status_code == 404


def test_azures_service_has_no_such_text(service: Service) -> None:
    dataset = report()
    service.store(dataset)
    for version in ("v1", "v2"):
        url = service.url(dataset, path="/rendered")
        url = url.replace("/dicomweb/", f"/dicomweb/{version}/")
        assert service.get(url, HTML).status_code == 406
        assert service.get(url, "image/jpeg").status_code == 404
    assert not rendering_rules.RULES[Dialect.V2].documents


def test_who_may_not_see_the_patient_gets_no_report(service: Service) -> None:
    dataset = report()
    service.store(dataset)
    service.actor = acting(1, "researcher", frozenset({Verb.READ}))
    for level in ("study", "series", "instance"):
        answer = service.get(service.url(dataset, level, "/rendered"), HTML)
        assert answer.status_code == 403
        assert "Doe" not in answer.text


def test_it_is_audited_as_a_retrieve(service: Service) -> None:
    dataset = report()
    service.store(dataset)
    service.get(service.url(dataset, path="/rendered"))
    (record,) = AuditRecord.objects.filter(
        study_instance_uid=dataset.StudyInstanceUID, action="retrieve"
    )
    assert (record.detail, record.patient_id) == (
        "1 rendered instances",
        dataset.PatientID,
    )


def clinical_document(text: str = DOCUMENT, **attributes: Any) -> Dataset:
    """Return an instance that encapsulates a clinical document."""
    content = text.encode()
    dataset = instance(
        SOPClassUID=EncapsulatedCDAStorage,
        Modality="DOC",
        PixelData=None,
        MIMETypeOfEncapsulatedDocument="text/XML",
        EncapsulatedDocumentLength=len(content),
        **attributes,
    )
    dataset.EncapsulatedDocument = content
    return dataset


@pytest.mark.parametrize("length", [0, 1])
def test_a_clinical_document_as_text_and_as_it_is(
    service: Service, length: int
) -> None:
    document = DOCUMENT + " " * length  # one of them is padded in the file
    dataset = clinical_document(document)
    service.store(dataset)
    url = service.url(dataset, path="/rendered")
    for accept in (None, BROWSER):
        page = service.get(url, accept)
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert "A mass of 3 cm." in page.text
        assert "sandbox" in page.headers["content-security-policy"]
    assert "Radiology Report" in service.get(url, "text/plain").text
    whole = service.get(url, "text/xml")
    assert whole.content == document.encode()
    assert whole.headers["content-type"] == "text/xml"
    assert whole.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert whole.headers["content-disposition"] == (
        f'attachment; filename="{dataset.SOPInstanceUID}.xml"'
    )
    assert service.get(url, "image/jpeg").status_code == 406


def test_a_clinical_document_that_cannot_be_read(service: Service) -> None:
    dataset = clinical_document("<!DOCTYPE x><ClinicalDocument/>")
    service.store(dataset)
    url = service.url(dataset, path="/rendered")
    answer = service.get(url, HTML)
    assert (answer.status_code, "DTD" in answer.text) == (406, True)
    assert service.get(url, "text/xml").status_code == 200
    long = clinical_document(DOCUMENT + " " * MOST_BYTES)
    service.store(long)
    answer = service.get(service.url(long, path="/rendered"), HTML)
    assert (answer.status_code, "longer" in answer.text) == (406, True)


def test_xml_of_another_class_is_no_clinical_document(service: Service) -> None:
    dataset = clinical_document()
    dataset.SOPClassUID = EncapsulatedPDFStorage
    service.store(dataset)
    assert service.get(service.url(dataset, path="/rendered")).status_code == 404
