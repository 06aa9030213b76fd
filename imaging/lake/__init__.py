"""The lake: what the portal holds as Delta tables, for analytics with other engines.

A follower of the change feed writes four tables into a folder or bucket of the
operator's (``PORTAL_LAKE``): ``instances``, ``series``, ``studies`` and ``changes``.
DuckDB, Spark, Databricks and Fabric read them; nothing here answers a request. They
hold all that there is, patients' names included, so they are for who may see
everything.

`columns` and `definitions` say what is in a table, `history` what a batch of the feed
changes in it; `rows` reads that, `writing` and `tables` put it there. Only `arrow`,
`tables` and `sql` load Arrow, delta-rs or DuckDB, and only a process that works on the
lake imports them (decision 0021).
"""

from imaging.lake.columns import register_columns
from imaging.lake.follower import LakeFollower
from imaging.lake.places import configured_lake
from imaging.lake.states import list_states
from imaging.lake.tending import compact_lake, vacuum_lake

__all__ = [
    "LakeFollower",
    "compact_lake",
    "configured_lake",
    "list_states",
    "register_columns",
    "vacuum_lake",
]
