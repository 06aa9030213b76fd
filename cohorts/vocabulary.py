"""What a partition calls things, for reading questions: of its events and its tags.

Names that fewer than five events have are left out: that a word is known would tell
that somebody has it. Words without a code, which may be anything, are known to those
alone who see who patients are.
"""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from cohorts.definitions.found import names_of_definitions
from cohorts.language.lexicon import Lexicon, Vocabulary, lexicon_of
from core.access import Actor, Verb
from core.database import raw_connection
from core.partitions import get_partition
from fhirlink.events.shapes import Kind
from fhirlink.events.words import WORDS
from fhirlink.models import CodeUse
from fhirlink.search.slots import TEXT, Owner, term
from imaging.query_tags.managing import list_tags

FEWEST: Final = 5  # events with a name that questions may know
MOST_NAMES: Final = 20_000
MOST_SCANNERS: Final = 1_000
MOST_SAVED: Final = 1_000
FRESH_S: Final = 600.0
"""How long what was read is good; new names are only read as they are written."""

TYPES: Final = {
    Kind.CONDITION: "condition",
    Kind.PROCEDURE: "procedure",
    Kind.MEDICATION: "medication",
    Kind.ALLERGY: "allergy",
    Kind.IMMUNIZATION: "immunization",
    Kind.OBSERVATION: "observation",
    Kind.ENCOUNTER: "encounter",
    Kind.DEVICE: "device",
    Kind.SPECIMEN: "specimen",
}
"""Events that have names, as criteria call them."""

_KNOWN: Final = """
SELECT used.kind, coding.display
FROM fhirlink_codeableconcept held
JOIN fhirlink_codeuse used ON used.codeable_concept_id = held.id AND used.role = %s
JOIN fhirlink_coding coding ON coding.codeable_concept_id = held.id
WHERE held.partition_id = %s AND used.kind = ANY(%s)
  AND length(coding.display) BETWEEN 3 AND 200
  AND (%s OR coding.concept_id IS NOT NULL) {more}
GROUP BY 1, 2 HAVING sum(used.number_of_events) >= %s
"""
_NAMES: Final = (
    _KNOWN.format(more="") + "ORDER BY sum(used.number_of_events) DESC, 1, 2 LIMIT %s"
)
_CALLED: Final = (
    _KNOWN.format(
        more=f"AND {WORDS.format(column='coding.display')}"
        " @@ to_tsquery('simple'::regconfig, %s)"
    )
    + "LIMIT 1"
)
_DEVICES: Final = (
    "SELECT DISTINCT text FROM fhirlink_stringvalue WHERE slot = %s"
    " ORDER BY text LIMIT %s"
)


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Displays:
    """The names of a partition's concepts; what is made of them lives as long."""

    by_type: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody may know that a partition calls things.

    Attributes
    ----------
    lexicon
        Our words with those of the partition.
    displays
        The names of concepts by the type of their events, those of most events first.
    """

    partition_id: int
    lexicon: Lexicon
    displays: Displays


_kept: dict[tuple[int, bool], tuple[float, Words]] = {}


def words_in(*, actor: Actor, partition: str) -> Words:
    """Return what a partition calls things, at most ten minutes old.

    Names of cohorts and of sets of concepts are those that the actor sees now.

    Raises
    ------
    NotFound
        There is no such partition, or nothing in it that the actor may see.
    """
    partition_id = get_partition(actor=actor, name=partition)
    sees = actor.reach(Verb.VIEW_PHI).enters(partition_id)
    until, words = _kept.get((partition_id, sees), (0.0, None))
    if words is None or until < time.monotonic():
        vocabulary = _vocabulary(actor, partition_id, sees_words=sees)
        displays = Displays(vocabulary.displays)
        words = Words(partition_id, lexicon_of(vocabulary), displays)
        _kept[partition_id, sees] = (time.monotonic() + FRESH_S, words)
    # What is seen of these differs from actor to actor: it is not kept.
    saved = names_of_definitions(actor=actor, partition=partition, limit=MOST_SAVED)
    return replace(words, lexicon=words.lexicon.beside(saved)) if saved else words


def displays_of(partition_id: int, *, sees_words: bool) -> dict[str, list[str]]:
    """Return the names of a partition's concepts by the type of their events."""
    displays: dict[str, list[str]] = defaultdict(list)
    kinds = [int(each) for each in TYPES]
    coded = _names(partition_id, CodeUse.Role.CODE, kinds, sees_words=sees_words)
    for kind, name in coded:
        displays[TYPES[Kind(kind)]].append(name)
    return displays


def is_called(partition_id: int, kind: Kind, words: str, *, sees_words: bool) -> bool:
    """Tell whether events of a kind have a name that may be known and has some words.

    Parameters
    ----------
    words
        A tsquery (`cohorts.execution.words.query_of`).
    """
    role = CodeUse.Role.CODE
    values = (role, partition_id, [int(kind)], sees_words, words, FEWEST)
    return bool(raw_connection().execute(_CALLED, values).fetchall())


def _vocabulary(actor: Actor, partition_id: int, *, sees_words: bool) -> Vocabulary:
    every = [int(each) for each in Kind]
    sites = _names(partition_id, CodeUse.Role.SITE, every, sees_words=sees_words)
    return Vocabulary(
        displays=displays_of(partition_id, sees_words=sees_words),
        sites=list(dict.fromkeys(name for _, name in sites)),
        makers=_of_devices(partition_id, "manufacturer"),
        models=_of_devices(partition_id, "model"),
        creators=_creators(actor),
    )


def _names(
    partition_id: int, role: int, kinds: Sequence[int], *, sees_words: bool
) -> list[tuple[int, str]]:
    values = (role, partition_id, kinds, sees_words, FEWEST, MOST_NAMES)
    return raw_connection().execute(_NAMES, values).fetchall()


def _of_devices(partition_id: int, parameter: str) -> list[str]:
    """Return what Devices are found by: the linker makes one of each scanner."""
    slot = term(Owner(partition_id, "Device", parameter), TEXT)
    rows = raw_connection().execute(_DEVICES, (slot, MOST_SCANNERS))
    return [text for (text,) in rows.fetchall() if text]


def _creators(actor: Actor) -> dict[str, list[str]]:
    """Return the creators of private query tags, by number without the block."""
    found: dict[str, list[str]] = defaultdict(list)
    for tag in list_tags(actor=actor):
        if tag.private_creator:
            number = tag.path.rpartition(".")[2]
            found[f"{number[:4]}xx{number[6:]}"].append(tag.private_creator)
    return found
