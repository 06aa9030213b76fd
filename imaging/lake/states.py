"""What the database keeps of how the tables are, for those who do not load delta-rs."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING

from imaging.models import LakeTableState

if TYPE_CHECKING:
    from imaging.lake.tables import LakeTable


def keep_states(tables: "Iterable[LakeTable]") -> None:
    """Keep how tables are after a commit, in the caller's transaction."""
    for table in tables:
        LakeTableState.objects.update_or_create(
            name=table.definition.name, defaults=asdict(table.state())
        )


def list_states() -> list[LakeTableState]:
    """Return how the tables are, as the follower last left them."""
    return list(LakeTableState.objects.order_by("name"))
