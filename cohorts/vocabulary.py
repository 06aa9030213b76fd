"""What a partition calls things, for reading questions: from the codes of its events.

Names that fewer than five events have are left out: that a word is known would tell
that somebody has it.
"""

import time
from collections import defaultdict
from typing import Final

from cohorts.language.lexicon import Lexicon, Vocabulary, lexicon_of
from core.access import Actor
from core.database import raw_connection
from core.partitions import get_partition
from fhirlink.events.shapes import Kind

FEWEST: Final = 5  # events with a name that questions may know
MOST_NAMES: Final = 20_000
FRESH_S: Final = 600.0
"""How long what was read is good; new names are only read as they are written."""

_TYPES: Final = {
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
_NAMES: Final = """
SELECT used.kind, coding.display
FROM fhirlink_codeableconcept held
JOIN fhirlink_codeuse used ON used.codeable_concept_id = held.id AND used.role = 0
JOIN fhirlink_coding coding ON coding.codeable_concept_id = held.id
WHERE held.partition_id = %s AND used.kind = ANY(%s)
  AND length(coding.display) BETWEEN 3 AND 200
GROUP BY 1, 2 HAVING sum(used.number_of_events) >= %s
ORDER BY sum(used.number_of_events) DESC, 1, 2 LIMIT %s
"""

_kept: dict[int, tuple[float, Lexicon]] = {}


def lexicon_in(*, actor: Actor, partition: str) -> Lexicon:
    """Return our words with those of a partition, at most ten minutes old.

    Raises
    ------
    NotFound
        There is no such partition, or nothing in it that the actor may see.
    """
    partition_id = get_partition(actor=actor, name=partition)
    until, lexicon = _kept.get(partition_id, (0.0, None))
    if lexicon is None or until < time.monotonic():
        lexicon = lexicon_of(Vocabulary(displays=_names(partition_id)))
        _kept[partition_id] = (time.monotonic() + FRESH_S, lexicon)
    return lexicon


def _names(partition_id: int) -> dict[str, list[str]]:
    kinds = [int(each) for each in _TYPES]
    rows = raw_connection().execute(_NAMES, (partition_id, kinds, FEWEST, MOST_NAMES))
    found: dict[str, list[str]] = defaultdict(list)
    for kind, display in rows.fetchall():
        found[_TYPES[Kind(kind)]].append(display)
    return found
