"""ICD-10-CM as CMS publishes it: the order file, or the file of codes and titles.

References
----------
"ICD-10-CM/PCS Order File Documentation", CMS: order number in columns 1 to 5, code in
7 to 13, whether it is valid for submission in 15, short title in 17 to 76, long title
from 78 on.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from fhirlink.terminology.content import Content, Term, lines_of, wrong

SYSTEM: Final = "http://hl7.org/fhir/sid/icd-10-cm"
_ORDER: Final = re.compile(r"\d{5} ([A-Z0-9]{3,7}) * [01] (.{60}) (.+)")
_CODES: Final = re.compile(r"([A-Z][0-9][A-Z0-9]{1,5}) +(\S.*)")
_CATEGORY: Final = 3  # characters before the dot


def read_icd(path: Path) -> Content:
    """Return the codes of a file, with the dots that records have in them."""
    return Content(SYSTEM, _terms(path))


def _terms(path: Path) -> Iterator[Term]:
    known: set[str] = set()
    for number, line in lines_of(path):
        if not line.strip():
            continue
        if found := _ORDER.fullmatch(line):
            code, title = found[1], found[3]
        elif found := _CODES.fullmatch(line):
            code, title = found[1], found[2]
        else:
            what = "neither an order file of ICD-10-CM nor one of codes and titles."
            raise wrong(path, number, f"This is {what}")
        known.add(code)
        yield Term(_dotted(code), title.strip(), _above(code, known))


def _above(code: str, known: set[str]) -> tuple[str, ...]:
    """Return the longest shorter code that it begins with; it stands before it."""
    for length in range(len(code) - 1, _CATEGORY - 1, -1):
        if code[:length] in known:
            return (_dotted(code[:length]),)
    return ()


def _dotted(code: str) -> str:
    rest = code[_CATEGORY:]
    return f"{code[:_CATEGORY]}.{rest}" if rest else code
