"""The diseases of the tales by SNOMED CT code, and those that people have beside them."""

from typing import Final

from portal.demo.record.codes import sct
from portal.demo.record.diseases import Disease, Kind

_ONCOLOGY: Final = ("hemoglobin", "leukocytes", "platelets", "creatinine", "alt")
_METABOLIC: Final = ("glucose", "creatinine", "potassium", "sodium")

_ALL: Final = (
    Disease(
        Kind.TUMOUR,
        "Osteosarcoma of right distal femur",
        sct("307576001", "Osteosarcoma of bone"),
        (("C40.2", "Malignant neoplasm of long bones of lower limb"),),
        ("ondansetron", "dexamethasone"),
        ("doxorubicin", "cisplatin", "methotrexate"),
        (*_ONCOLOGY, "alkaline phosphatase", "lactate dehydrogenase"),
        "High-grade conventional osteosarcoma, osteoblastic.",
    ),
    Disease(
        Kind.TUMOUR,
        "Adenocarcinoma of lung (lung cancer)",
        sct("254626006", "Adenocarcinoma of lung"),
        (
            ("C34.1", "Malignant neoplasm of upper lobe, bronchus or lung"),
            ("C34.11", "Malignant neoplasm of upper lobe, right bronchus or lung"),
        ),
        ("ondansetron", "dexamethasone"),
        ("carboplatin", "paclitaxel", "pembrolizumab"),
        _ONCOLOGY,
        "Moderately differentiated adenocarcinoma, TTF-1 positive.",
    ),
    Disease(
        Kind.TUMOUR,
        "Liver metastases of colorectal cancer",
        sct("94381002", "Secondary malignant neoplasm of liver"),
        (
            (
                "C78.7",
                "Secondary malignant neoplasm of liver and intrahepatic bile duct",
            ),
        ),
        ("ondansetron",),
        ("oxaliplatin", "fluorouracil"),
        (*_ONCOLOGY, "alkaline phosphatase"),
        "Metastasis of an adenocarcinoma of colorectal type.",
    ),
    Disease(
        Kind.TUMOUR,
        "Glioblastoma of left frontal lobe",
        sct("393563007", "Glioblastoma multiforme of brain"),
        (("C71.1", "Malignant neoplasm of frontal lobe"),),
        ("temozolomide", "dexamethasone"),
        (),
        _ONCOLOGY,
        "Glioblastoma, IDH wild type. No evidence of metastasis.",
    ),
    Disease(
        Kind.TUMOUR,
        "Hodgkin lymphoma",
        sct("118599009", "Hodgkin's disease"),
        (("C81.9", "Hodgkin lymphoma, unspecified"),),
        ("ondansetron",),
        ("doxorubicin", "bleomycin", "vinblastine", "dacarbazine"),
        (*_ONCOLOGY, "lactate dehydrogenase"),
        "Classic Hodgkin lymphoma, nodular sclerosis.",
    ),
    Disease(
        Kind.TUMOUR,
        "Renal cell carcinoma of left kidney",
        sct("702391001", "Renal cell carcinoma"),
        (("C64.2", "Malignant neoplasm of left kidney, except renal pelvis"),),
        ("sunitinib",),
        (),
        _ONCOLOGY,
        "Clear cell renal cell carcinoma, grade 2.",
    ),
    Disease(
        Kind.TUMOUR,
        "Breast cancer",
        sct("254837009", "Malignant neoplasm of breast"),
        (
            (
                "C50.411",
                "Malignant neoplasm of upper-outer quadrant of right female breast",
            ),
        ),
        ("tamoxifen", "ondansetron"),
        ("doxorubicin", "paclitaxel"),
        _ONCOLOGY,
        "Invasive carcinoma of no special type, estrogen receptor positive.",
    ),
    Disease(
        Kind.FINDING,
        "Cyst of liver",
        sct("85057007", "Cyst of liver"),
        (("K76.89", "Other specified diseases of liver"),),
        results=("alt",),
    ),
    Disease(
        Kind.FINDING,
        "Solitary pulmonary nodule",
        sct("427359005", "Solitary nodule of lung"),
        (("R91.1", "Solitary pulmonary nodule"),),
    ),
    Disease(
        Kind.ACUTE,
        "Pneumonia",
        sct("233604007", "Pneumonia"),
        (("J18.9", "Pneumonia, unspecified organism"),),
        ("amoxicillin",),
        ("ceftriaxone",),
        ("leukocytes", "c-reactive protein", "creatinine"),
    ),
    Disease(
        Kind.ACUTE,
        "Stroke",
        sct("230690007", "Stroke"),
        (("I63.9", "Cerebral infarction, unspecified"),),
        ("aspirin", "clopidogrel", "atorvastatin"),
        (),
        (*_METABOLIC, "ldl cholesterol"),
    ),
    Disease(
        Kind.CHRONIC,
        "Hypertension",
        sct("38341003", "Hypertensive disorder, systemic arterial"),
        (("I10", "Essential (primary) hypertension"),),
        ("lisinopril",),
        (),
        _METABOLIC,
    ),
    Disease(
        Kind.CHRONIC,
        "Essential hypertension",
        sct("59621000", "Essential hypertension"),
        (("I10", "Essential (primary) hypertension"),),
        ("lisinopril", "amlodipine"),
        (),
        _METABOLIC,
    ),
    Disease(
        Kind.CHRONIC,
        "Type 2 diabetes mellitus",
        sct("44054006", "Diabetes mellitus type 2"),
        (("E11.9", "Type 2 diabetes mellitus without complications"),),
        ("metformin",),
        (),
        ("hemoglobin a1c", "glucose", "creatinine"),
    ),
    Disease(
        Kind.CHRONIC,
        "Chronic kidney disease stage 3",
        sct("433144002", "Chronic kidney disease stage 3"),
        (("N18.30", "Chronic kidney disease, stage 3 unspecified"),),
        ("furosemide",),
        (),
        ("creatinine", "potassium", "hemoglobin"),
    ),
    Disease(
        Kind.CHRONIC,
        "Chronic kidney disease stage 4",
        sct("431857002", "Chronic kidney disease stage 4"),
        (("N18.4", "Chronic kidney disease, stage 4 (severe)"),),
        ("furosemide",),
        (),
        ("creatinine", "potassium", "hemoglobin"),
    ),
    Disease(
        Kind.CHRONIC,
        "Hyperlipidemia",
        sct("55822004", "Hyperlipidemia"),
        (("E78.5", "Hyperlipidemia, unspecified"),),
        ("atorvastatin",),
        (),
        ("ldl cholesterol", "alt"),
    ),
    Disease(
        Kind.CHRONIC,
        "Asthma",
        sct("195967001", "Asthma"),
        (("J45.909", "Unspecified asthma, uncomplicated"),),
        ("albuterol",),
    ),
    Disease(
        Kind.CHRONIC,
        "Osteoporosis",
        sct("64859006", "Osteoporosis"),
        (
            (
                "M81.0",
                "Age-related osteoporosis without current pathological fracture",
            ),
        ),
        ("alendronate",),
        (),
        ("calcium", "alkaline phosphatase"),
    ),
    Disease(
        Kind.CHRONIC,
        "Osteoarthritis of right knee",
        sct("239873007", "Osteoarthritis of knee"),
        (("M17.11", "Unilateral primary osteoarthritis, right knee"),),
        ("acetaminophen",),
    ),
    Disease(
        Kind.FINDING,
        "Tear of meniscus of right knee",
        sct("239720000", "Tear of meniscus of knee"),
        (
            (
                "S83.206A",
                "Unspecified tear of unspecified meniscus, current injury, "
                "right knee, initial encounter",
            ),
        ),
        ("ibuprofen",),
    ),
    Disease(
        Kind.CHRONIC,
        "Multiple sclerosis",
        sct("24700007", "Multiple sclerosis"),
        (("G35", "Multiple sclerosis"),),
        ("interferon beta-1a",),
        (),
        ("leukocytes", "alt"),
    ),
)
DISEASES: Final = {disease.code.code: disease for disease in _ALL}
OSTEOSARCOMA: Final = DISEASES["307576001"]
PNEUMONIA: Final = DISEASES["233604007"]
