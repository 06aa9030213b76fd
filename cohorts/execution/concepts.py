"""What concepts are here: the CodeableConcepts of a partition that they mean.

Events name a CodeableConcept, of which there are few: those that are meant are found
first, then events by their keys alone (decision 0029).
"""

from collections.abc import Iterable
from typing import Final

from cohorts.criteria.values import (
    CodeOf,
    Concept,
    ConceptCodes,
    ConceptGroup,
    ConceptSet,
    ConceptText,
)
from cohorts.execution.analytes_table import Analyte
from cohorts.execution.encounters_table import CLASS_SYSTEM, CLASSES
from cohorts.execution.synonyms import meanings_of
from cohorts.execution.words import query_of, words_of
from core.database import raw_connection
from core.errors import Invalid
from fhirlink.events.words import WORDS
from fhirlink.linkage.codes import DCM, LOINC
from fhirlink.terminology.hierarchy import concepts_below

Keys = frozenset[int]


def keys_of(partition_id: int, concept: Concept) -> Keys:
    """Return the keys of the CodeableConcepts of a partition that a concept means.

    Raises
    ------
    Invalid
        It names a set, and none has been saved.
    """
    match concept:
        case ConceptText(text=text):
            return keys_of_words(partition_id, text)
        case ConceptCodes(codes=codes):
            return _keys_of_codes(partition_id, codes)
        case ConceptGroup(any_of=some, not_=others):
            found = frozenset[int]().union(*(keys_of(partition_id, e) for e in some))
            return found.difference(*(keys_of(partition_id, e) for e in others))
        case ConceptSet(set=name):
            message = f"There is no saved set of concepts named {name}."
            raise Invalid(message, path="set")


def keys_of_words(partition_id: int, text: str) -> Keys:
    """Return those that are called so, or as a synonym, by whole words in sequence.

    A code without display is called as elsewhere in the partition, or as its code
    system says where that is loaded.
    """
    meant = meanings_of(text)
    query = query_of(meant)
    if not query:
        return frozenset()
    rows = raw_connection().execute(
        _BY_WORDS, (partition_id, query, partition_id, query)
    )
    found = frozenset(row[0] for row in rows)
    classes = [code for code, display in CLASSES.items() if _is_called(display, meant)]
    if not classes:
        return found
    codes = (CodeOf(system=CLASS_SYSTEM, code=code) for code in classes)
    return found | _keys_of_codes(partition_id, codes)


def keys_of_category(partition_id: int, text: str) -> Keys:
    """Return those that are called so, or have it as their code: laboratory."""
    rows = raw_connection().execute(_BY_BARE_CODE, (partition_id, text.strip()))
    return keys_of_words(partition_id, text) | {row[0] for row in rows}


def keys_of_modalities(partition_id: int, modalities: Iterable[str]) -> Keys:
    """Return those that have one of some modalities among theirs."""
    codes = (CodeOf(system=DCM, code=code) for code in modalities)
    return _keys_of_codes(partition_id, codes)


def keys_of_analyte(partition_id: int, analyte: Analyte) -> Keys:
    """Return those that are measurements of something, by their codes or names."""
    codes = (CodeOf(system=LOINC, code=code) for code in analyte.loinc)
    found = _keys_of_codes(partition_id, codes)
    return found.union(*(keys_of_words(partition_id, each) for each in analyte.words))


def _keys_of_codes(partition_id: int, codes: Iterable[CodeOf]) -> Keys:
    exact: list[tuple[str, str]] = []
    concepts: set[int] = set()
    for each in codes:
        if each.descendants:
            concepts.update(concepts_below(each.system, each.code))
        else:
            exact.append((each.system, each.code))
    execute = raw_connection().execute
    if exact:
        systems, values = zip(*exact, strict=True)
        rows = execute(_CONCEPTS, (list(systems), list(values)))
        concepts.update(row[0] for row in rows)
    if not concepts:
        return frozenset()
    rows = execute(_BY_CONCEPTS, (partition_id, sorted(concepts)))
    return frozenset(row[0] for row in rows)


def _is_called(display: str, meant: Iterable[str]) -> bool:
    words = words_of(display)
    return any(
        asked and any(words[at : at + len(asked)] == asked for at in range(len(words)))
        for asked in map(words_of, meant)
    )


_CODINGS: Final = (
    "FROM fhirlink_coding g JOIN fhirlink_codeableconcept c"
    " ON c.id = g.codeable_concept_id AND c.partition_id = %s"
)
_QUERY: Final = "@@ to_tsquery('simple'::regconfig, %s)"
_CALLED: Final = f"{WORDS.format(column='g.display')} {_QUERY}"
_CALLED_BY_SYSTEM: Final = f"{WORDS.format(column='k.display')} {_QUERY}"
_BY_WORDS: Final = (
    f"WITH called AS MATERIALIZED (SELECT c.id, g.concept_id {_CODINGS}"
    f" WHERE {_CALLED})"
    f" SELECT id FROM called UNION SELECT c.id {_CODINGS} WHERE g.display = '' AND ("
    " g.concept_id IN (SELECT concept_id FROM called) OR EXISTS (SELECT FROM"
    f" fhirlink_concept k WHERE k.id = g.concept_id AND {_CALLED_BY_SYSTEM}))"
)
_BY_BARE_CODE: Final = (
    f"SELECT c.id {_CODINGS} JOIN fhirlink_concept k ON k.id = g.concept_id"
    " WHERE lower(k.code) = lower(%s)"
)
_CONCEPTS: Final = (
    "SELECT k.id FROM unnest(%s::text[], %s::text[]) AS asked (system, code)"
    " JOIN fhirlink_concept k USING (system, code)"
)
_BY_CONCEPTS: Final = f"SELECT c.id {_CODINGS} WHERE g.concept_id = ANY(%s::bigint[])"
