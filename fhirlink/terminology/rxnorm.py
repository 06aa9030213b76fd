"""RxNorm as NLM publishes it: RXNCONSO.RRF and RXNREL.RRF, its own concepts alone.

What is above a drug is what it is made of: a pack its drugs, a brand what it is a
trade name of, a drug its components, these their ingredients. So whoever asks for an
ingredient finds all drugs with it.

References
----------
RxNorm Technical Documentation 12.4 (RXNCONSO), 12.7 (RXNREL): the relationship is what
the second concept is to the first.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from core.errors import Invalid
from fhirlink.terminology.content import Content, Term, lines_of, wrong

SYSTEM: Final = "http://www.nlm.nih.gov/research/umls/rxnorm"
_OWN: Final = "RXNORM"
_OTHER_NAMES: Final = frozenset({"SY", "TMSY", "PSN", "ET", "DF", "DFG"})
_MADE_OF: Final = frozenset(
    (
        *("has_ingredient", "has_ingredients", "has_precise_ingredient", "has_part"),
        *("consists_of", "contains", "tradename_of", "form_of", "isa"),
    )
)
_CONCEPTS: Final = "RXNCONSO.RRF"
_RELATIONS: Final = "RXNREL.RRF"
_COLUMNS: Final = {_CONCEPTS: 18, _RELATIONS: 16}


def read_rxnorm(folder: Path) -> Content:
    """Return the concepts of a release, by the folder of its files.

    Raises
    ------
    Invalid
        The files are not there.
    """
    found = {
        name: next(iter(sorted(folder.rglob(name))), None)
        for name in (_CONCEPTS, _RELATIONS)
    }
    missing = [name for name, path in found.items() if path is None]
    if missing:
        message = f"There is no {' and no '.join(missing)} in {folder}."
        raise Invalid(message)
    return Content(SYSTEM, _terms([path for path in found.values() if path]))


def _terms(paths: list[Path]) -> Iterator[Term]:
    concepts, relations = paths
    for row in _rows(concepts):
        rxcui, source, kind, name, suppressed = (
            row[0],
            row[11],
            row[12],
            row[14],
            row[16],
        )
        if source == _OWN and kind not in _OTHER_NAMES and suppressed != "O":
            yield Term(rxcui, name)
    for row in _rows(relations):
        whole, made_of = row[4], row[0]
        if row[10] == _OWN and row[7] in _MADE_OF and whole and made_of:
            yield Term(whole, parents=(made_of,))


def _rows(path: Path) -> Iterator[list[str]]:
    wanted = _COLUMNS[path.name]
    for number, line in lines_of(path):
        row = line.split("|")
        if len(row) < wanted:
            what = f"There are {len(row)} columns, and {wanted} in {path.name}."
            raise wrong(path, number, what)
        yield row
