"""Studies whose images are elsewhere: known to the record by order, report and UID."""

from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Final

from portal.demo.identity import uid
from portal.demo.protocols import Body, Code, Contrast, Field, Protocol, SeriesPlan
from portal.demo.stories import OPERATORS, READERS, REFERRERS, Patient, Study

_PICTURE: Final = Field((0, 0, 0), 1, 256, 1.0, 1.0)
MAMMOGRAPHY: Final = Protocol(
    "Mammography",
    Body.TORSO,
    "BREAST",
    Code("76752008", "SCT", "Breast"),
    Code("71651007", "SCT", "Mammography"),
    (SeriesPlan("MG", "Mediolateral oblique", Contrast.RADIOGRAPH, _PICTURE),),
)
ECHOCARDIOGRAPHY: Final = Protocol(
    "Echocardiography",
    Body.TORSO,
    "HEART",
    Code("80891009", "SCT", "Heart"),
    Code("40701008", "SCT", "Echocardiography"),
    (SeriesPlan("US", "Four chamber view", Contrast.CINE, _PICTURE),),
)
# What was imaged elsewhere, and how many days before the diagnosis.
_BEFORE: Final = {
    "254837009": ((MAMMOGRAPHY, 12), (ECHOCARDIOGRAPHY, 1)),
    "230690007": ((ECHOCARDIOGRAPHY, 30),),
    "118599009": ((ECHOCARDIOGRAPHY, 2),),
}


def outside_studies(patient: Patient, luck: Random) -> tuple[Study, ...]:
    """Return the studies of a patient whose images are elsewhere."""
    told = patient.diagnosis
    accession = patient.patient_id.replace("D", "X", 1)
    return tuple(
        outside_study(
            patient.seed,
            f"{accession}-{number:02d}",
            protocol,
            datetime.combine(told.on - timedelta(days=before), time(11), UTC),
            luck,
        )
        for number, (protocol, before) in enumerate(
            _BEFORE.get(told.disease.value, ()), start=1
        )
    )


def outside_study(
    seed: int, accession: str, protocol: Protocol, at: datetime, luck: Random
) -> Study:
    """Return a study of a protocol that shows nothing of note."""
    return Study(
        study_instance_uid=uid(seed, "outside", accession),
        accession_number=accession,
        study_id=accession,
        at=at,
        protocol=protocol,
        lesion=None,
        consolidated=False,
        referring_physician=luck.choice(REFERRERS),
        reading_physician=luck.choice(READERS),
        operator=luck.choice(OPERATORS),
    )
