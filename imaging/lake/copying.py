"""Switches from tables to others that were built beside them; loads delta-rs.

A commit for each data partition and month takes the place of what was there: readers
see the old rows or the new ones, at the addresses and in the history of the same table,
and one part is written at a time. Where it is cut off it is done again.
"""

from collections.abc import Mapping

from imaging.lake.places import LakePlace
from imaging.lake.tables import Lake, LakeTable, open_lake


def switch(built: Mapping[str, LakeTable], live: LakePlace) -> Lake:
    """Give the live tables the contents of those that were built; return them."""
    lake = open_lake(live)
    for name, table in lake.items():
        source = built[name]
        wanted, held = source.parts(), table.parts()
        for part in sorted(wanted | held, key=str):
            table.replace_part(*part, source if part in wanted else None)
        table.take(source.position)
    return lake
