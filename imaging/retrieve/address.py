"""What a retrieve names: a study, a series or an instance, inside a partition."""

from dataclasses import dataclass
from typing import Any, Final

from core.access import Actor, Verb
from core.errors import NotFound, PortalError
from core.partitions import get_partition

HELD: Final = """
FROM core_partition p
JOIN imaging_study st ON st.partition_id = p.id
JOIN imaging_series se ON se.study_id = st.id
JOIN imaging_instance i ON i.series_id = se.id
"""
OF_STUDY: Final = """
WHERE p.name = %(partition)s AND p.disabled_at IS NULL AND p.deleted_at IS NULL
AND (%(visible)s::bigint[] IS NULL OR p.id = ANY(%(visible)s::bigint[]))
AND st.study_instance_uid = %(study)s
"""
OF_SERIES: Final = OF_STUDY + "AND se.series_instance_uid = %(series)s\n"
OF_INSTANCE: Final = OF_SERIES + "AND i.sop_instance_uid = %(instance)s\n"


@dataclass(frozen=True, slots=True)
class Address:
    """The UIDs that a request names; those that it does not are None.

    Attributes
    ----------
    partition
        Its name.
    """

    partition: str
    study_instance_uid: str
    series_instance_uid: str | None = None
    sop_instance_uid: str | None = None

    @property
    def level(self) -> str:
        """Return ``study``, ``series`` or ``instance``."""
        if self.sop_instance_uid is not None:
            return "instance"
        return "study" if self.series_instance_uid is None else "series"

    def parameters(self, actor: Actor) -> dict[str, Any]:
        """Return what the conditions above need, with what the actor may see."""
        visible = actor.reach(Verb.READ).partitions
        return {
            "partition": self.partition,
            "visible": None if visible is None else list(visible),
            "study": self.study_instance_uid,
            "series": self.series_instance_uid,
            "instance": self.sop_instance_uid,
        }

    def missing(self, actor: Actor) -> PortalError:
        """Return the error for an address under which the actor sees nothing."""
        try:
            get_partition(actor=actor, name=self.partition)
        except PortalError as error:  # that is why
            return error
        return NotFound(f"No such {self.level}.", path=self.level)
