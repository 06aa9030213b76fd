"""Words of reports in Elasticsearch, for who asks which have some (decision 0038).

The text of an event is written once: of a report that changes, events with new keys are
made. So a document is never wrong, only not there yet, and what is newer than the last
one is left to the database.
"""

from typing import NamedTuple


class Texts(NamedTuple):
    """The texts that have some words, as the index tells.

    Attributes
    ----------
    events
        Keys of the events whose texts have the words; some may be gone.
    up_to
        The last event that it knows. All of later ones the database has to look at.
    """

    events: list[int]
    up_to: int
