"""Loading a code system: its terms and its hierarchy, in one transaction."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from django.db import transaction

from core import audit
from core.access import Actor, Verb, require_everywhere
from core.database import raw_connection
from core.errors import Invalid
from fhirlink.terminology.closure import closure
from fhirlink.terminology.content import LONGEST, LONGEST_CODE, Content, Term

Progress = Callable[[int, str], None]
"""Called now and then with how many there are by now, and of what."""

_SHOWN_EVERY: Final = 100_000


class Loaded(NamedTuple):
    """What a load has left of a code system.

    Attributes
    ----------
    number_of_pairs
        Of a code and one that is above it, at any distance.
    """

    system: str
    number_of_codes: int
    number_of_pairs: int


def load(*, actor: Actor, content: Content, progress: Progress) -> Loaded:
    """Have a code system be what a file says; a part of one is added to what there is.

    Raises
    ------
    Forbidden
        The actor does not manage everything.
    Invalid
        The file has no codes, or its hierarchy goes round in a circle: nothing changes.
    """
    require_everywhere(
        actor, Verb.MANAGE, "Code systems are loaded for all partitions."
    )
    with transaction.atomic(durable=True):
        raw_connection().execute(_TEMPORARY)
        parents = _copy_terms(content.terms, progress)
        number = _write_concepts(content)
        if not number:
            message = f"There are no codes of {content.system} in it."
            raise Invalid(message)
        pairs = _write_ancestors(content, parents, progress)
        raw_connection().execute("DROP TABLE terms")
        audit.record(
            audit.Event(
                actor,
                audit.Action.CONFIGURE,
                detail=f"{number} codes of {content.system} loaded",
            )
        )
    return Loaded(content.system, number, pairs)


def _copy_terms(
    terms: Iterable[Term], progress: Progress
) -> dict[str, dict[str, None]]:
    """Have all codes in a table, and return what is above each."""
    parents: defaultdict[str, dict[str, None]] = defaultdict(dict)
    with raw_connection().cursor().copy(_COPY_TERMS) as copy:
        for number, term in enumerate(terms, start=1):
            code = _clean(term.code)[:LONGEST_CODE]
            if not code:
                continue
            if term.display:
                copy.write_row((code, _clean(term.display)))
            above = [_clean(each)[:LONGEST_CODE] for each in term.parents]
            parents[code].update(dict.fromkeys(a for a in above if a not in {"", code}))
            if number % _SHOWN_EVERY == 0:
                progress(number, "lines")
    return parents


def _clean(text: str) -> str:
    return text.replace("\0", "").strip()[:LONGEST]


def _write_concepts(content: Content) -> int:
    execute = raw_connection().execute
    if content.is_whole:
        execute(_DELETE_ANCESTORS, (content.system,))
        execute(_UNLOAD, (content.system,))
    number = execute(_WRITE_CONCEPTS, (content.system,)).rowcount
    if content.is_whole:
        execute(_FORGET, (content.system,))
    return number


def _write_ancestors(
    content: Content, parents: dict[str, dict[str, None]], progress: Progress
) -> int:
    """Write what is above each code; return how many pairs there are."""
    execute = raw_connection().execute
    keys: dict[str, int] = dict(execute(_KEYS, (content.system,)).fetchall())
    names = {key: code for code, key in keys.items()}
    above = {
        keys[code]: [keys[each] for each in ups if each in keys]
        for code, ups in parents.items()
        if ups and code in keys
    }
    if above and not content.is_whole:
        execute(_DELETE_SOME, (list(above),))
    try:
        return _copy_pairs(closure(above), progress)
    except Invalid as error:
        message = (
            f"The hierarchy goes round in a circle at {names[int(error.path or 0)]}."
        )
        raise Invalid(message) from error


def _copy_pairs(found: Iterator[tuple[int, Iterable[int]]], progress: Progress) -> int:
    number = 0
    with raw_connection().cursor().copy(_COPY_PAIRS) as copy:
        for key, ancestors in found:
            for ancestor in ancestors:
                copy.write_row((ancestor, key))
                number += 1
                if number % (10 * _SHOWN_EVERY) == 0:
                    progress(number, "pairs of the hierarchy")
    return number


_TEMPORARY: Final = "CREATE TEMPORARY TABLE terms (code text, display text, id serial)"
_COPY_TERMS: Final = "COPY terms (code, display) FROM STDIN"
_COPY_PAIRS: Final = (
    "COPY fhirlink_conceptancestor (ancestor_id, concept_id) FROM STDIN"
)
_UNLOAD: Final = (
    "UPDATE fhirlink_concept SET is_loaded = false, display = '' WHERE system = %s"
    " AND is_loaded"
)
_WRITE_CONCEPTS: Final = (
    "INSERT INTO fhirlink_concept AS held (system, code, display, is_loaded)"
    " SELECT DISTINCT ON (code) %s, code, display, true FROM terms ORDER BY code, id"
    " ON CONFLICT (system, code) DO UPDATE SET display = excluded.display,"
    " is_loaded = true"
)
_FORGET: Final = (
    "DELETE FROM fhirlink_concept held WHERE system = %s AND NOT is_loaded"
    " AND NOT EXISTS (SELECT FROM fhirlink_coding c WHERE c.concept_id = held.id)"
)
_KEYS: Final = "SELECT code, id FROM fhirlink_concept WHERE system = %s AND is_loaded"
_DELETE_ANCESTORS: Final = (
    "DELETE FROM fhirlink_conceptancestor a USING fhirlink_concept c"
    " WHERE c.id = a.concept_id AND c.system = %s"
)
_DELETE_SOME: Final = (
    "DELETE FROM fhirlink_conceptancestor WHERE concept_id = ANY(%s::bigint[])"
)
