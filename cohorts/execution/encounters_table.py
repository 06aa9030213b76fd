"""What the classes of encounters are called, of which records often have the code only.

References
----------
HL7 v3 ActEncounterCode (CC0).
"""

from collections.abc import Mapping
from typing import Final

CLASS_SYSTEM: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
CLASSES: Final[Mapping[str, str]] = {
    "AMB": "ambulatory",
    "EMER": "emergency",
    "FLD": "field",
    "HH": "home health",
    "IMP": "inpatient encounter",
    "ACUTE": "inpatient acute",
    "NONAC": "inpatient non-acute",
    "OBSENC": "observation encounter",
    "PRENC": "pre-admission",
    "SS": "short stay",
    "VR": "virtual",
}
