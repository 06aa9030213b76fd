"""The words of radiology reports: what is seen, what is not, what cannot be excluded.

Each report tells what is planted in the pixels of its study, and compares with the
study of the same kind before it.
"""

from typing import Final, NamedTuple

from portal.demo.protocols import Body
from portal.demo.record.diseases import Disease, Kind
from portal.demo.record.lives import Life
from portal.demo.stories import Study
from portal.demo.tales import Site, Trap

_SMALL_MM: Final = 10.0
_CHANGE: Final = 1.1

# For each site: the finding, and the impression of it.
_SEEN: Final = {
    Site.FEMUR: (
        "Aggressive bone lesion of the right distal femur of {size} mm with "
        "periosteal reaction",
        "Bone tumour of the right distal femur, consistent with osteosarcoma",
    ),
    Site.LUNG: (
        "Solid pulmonary nodule in the right lung of {size} mm",
        "Pulmonary nodule in the right lung",
    ),
    Site.LIVER: (
        "Hypodense lesion in the right lobe of the liver of {size} mm",
        "Liver metastasis",
    ),
    Site.LIVER_CYST: (
        "Anechoic lesion in the liver of {size} mm with posterior enhancement",
        "Simple cyst of the liver. No evidence of malignancy",
    ),
    Site.MEDIASTINUM: (
        "Enlarged mediastinal lymph node of {size} mm",
        "Mediastinal lymphadenopathy, consistent with lymphoma",
    ),
    Site.KIDNEY: (
        "Enhancing mass of the left kidney of {size} mm",
        "Solid mass of the left kidney, suspicious for renal cell carcinoma",
    ),
    Site.BRAIN: (
        "Mass of the left frontal lobe of {size} mm with surrounding oedema",
        "Mass of the left frontal lobe, consistent with glioblastoma",
    ),
}
_ABSENT: Final = {
    "CHEST": (
        "No pulmonary nodule. No pleural effusion. No enlarged lymph nodes.",
        "No acute abnormality of the chest.",
    ),
    "BREAST": (
        "Spiculated mass of the right breast. No enlarged axillary lymph nodes.",
        "Mass of the right breast, highly suggestive of malignancy.",
    ),
    "HEART": (
        "Normal size of the ventricles. Ejection fraction 60 %. No effusion.",
        "Normal left ventricular function.",
    ),
    "FEMUR": (
        "No fracture. No periosteal reaction. No soft tissue mass.",
        "No acute bony abnormality.",
    ),
    "KNEE": (
        "Degenerative change of the medial compartment. Small joint effusion.",
        "Osteoarthritis of the knee. No fracture.",
    ),
    "BRAIN": (
        "Periventricular white matter lesions. No mass effect. No haemorrhage.",
        "White matter lesions, consistent with demyelination.",
    ),
    "ABDOMEN": (
        "Liver, spleen and kidneys are unremarkable. No ascites.",
        "No acute abnormality of the abdomen.",
    ),
}
_NO_METASTASIS: Final = "No evidence of metastasis."
_TORN: Final = (
    "Tear of the medial meniscus. Small joint effusion. No fracture.",
    "Tear of the medial meniscus.",
)
_TRAPPED: Final = {
    Trap.REFUTED: "Lucent area: osteosarcoma cannot be excluded, biopsy is advised.",
    Trap.PROVISIONAL: "Osteosarcoma of the femur is suspected clinically.",
    Trap.NEGATED: "No evidence of osteosarcoma.",
}


class Words(NamedTuple):
    """A report: why, how compared, what was found, and what it comes to."""

    indication: str
    comparison: str
    findings: str
    conclusion: str

    @property
    def text(self) -> str:
        """The whole report as plain text."""
        return (
            f"Indication: {self.indication}\nComparison: {self.comparison}\n"
            f"Findings: {self.findings}\nImpression: {self.conclusion}"
        )


def report_words(life: Life, study: Study, prior: Study | None) -> Words:
    """Return what the report of a study says, `prior` being the one to compare with."""
    compared = f"{prior.protocol.description}, {prior.at:%d %B %Y}" if prior else "None"
    disease = life.indication(study).disease
    indication = f"{disease.words}."
    if life.trap is Trap.FAMILY:
        indication += " Brother had osteosarcoma."
    findings, conclusion = _said(disease, study, prior)
    said = _TRAPPED.get(life.trap)
    leg = study.protocol.body is Body.LEG
    if said and (leg or life.trap is not Trap.REFUTED):
        conclusion = f"{conclusion} {said}"
    return Words(indication, f"{compared}.", findings, conclusion)


def _said(disease: Disease, study: Study, prior: Study | None) -> tuple[str, str]:
    if study.consolidated:
        return (
            "Consolidation of the right lower zone. No pleural effusion.",
            "Pneumonia of the right lower lobe.",
        )
    if study.lesion is None:
        return _unremarkable(disease, study, prior)
    size = study.lesion.diameter_mm
    seen, comes_to = _SEEN[study.lesion.site]
    findings = f"{seen.format(size=size)}{_change(study, prior)}."
    if study.protocol.modality == "PT":
        findings += " It is FDG avid. No other FDG avid lesion."
    if study.lesion.site is Site.LUNG:
        findings += " No pleural effusion."
        comes_to += _doubt(size)
    return findings, f"{comes_to}{_trend(study, prior)}."


def _unremarkable(
    disease: Disease, study: Study, prior: Study | None
) -> tuple[str, str]:
    if prior and prior.consolidated:
        return "The consolidation has resolved.", "No residual pneumonia."
    part = study.protocol.body_part
    if part == "KNEE" and disease.words.startswith("Tear"):
        return _TORN
    findings, conclusion = _ABSENT[part]
    tumour = part == "CHEST" and disease.kind is Kind.TUMOUR
    return findings, _NO_METASTASIS if tumour else conclusion


def _doubt(size: float) -> str:
    if size < _SMALL_MM:
        return ", indeterminate; cannot exclude early metastasis"
    return "; malignancy is likely"


def _change(study: Study, prior: Study | None) -> str:
    before = _before(study, prior)
    return f", previously {before} mm" if before else ""


def _trend(study: Study, prior: Study | None) -> str:
    before = _before(study, prior)
    if not before or study.lesion is None:
        return ""
    ratio = study.lesion.diameter_mm / before
    if ratio > _CHANGE:
        return ", progressive disease"
    return ", partial response" if ratio < 1 / _CHANGE else ", stable disease"


def _before(study: Study, prior: Study | None) -> float:
    """Return the diameter in the prior study, 0 where that shows another lesion."""
    if not (prior and prior.lesion and study.lesion):
        return 0.0
    same = prior.lesion.site is study.lesion.site
    return prior.lesion.diameter_mm if same else 0.0
