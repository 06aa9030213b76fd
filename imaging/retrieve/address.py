"""What a retrieve names: a study, a series or an instance, inside a partition."""

from dataclasses import dataclass
from typing import Any, Final

from core.access import Actor, Verb, within
from core.errors import Forbidden, NotFound, PortalError
from core.partitions import get_partition
from core.reach import Reach

HELD: Final = """
FROM core_partition p
JOIN imaging_study st ON st.partition_id = p.id
JOIN imaging_series se ON se.study_id = st.id
JOIN imaging_instance i ON i.series_id = se.id
"""
_SEEN: Final = within(
    "st.id", "p.id", partitions="%(seen_partitions)s", scopes="%(seen_scopes)s"
)
IDENTIFIED: Final = within(
    "st.id",
    "p.id",
    partitions="%(identified_partitions)s",
    scopes="%(identified_scopes)s",
)
"""Whether the actor may see who the patient is."""

OF_STUDY: Final = f"""
WHERE p.name = %(partition)s AND p.disabled_at IS NULL AND p.deleted_at IS NULL
AND st.study_instance_uid = %(study)s
AND {_SEEN}
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
        return {
            "partition": self.partition,
            "study": self.study_instance_uid,
            "series": self.series_instance_uid,
            "instance": self.sop_instance_uid,
            **_parameters("seen", actor.reach(Verb.READ)),
            **_parameters("identified", actor.reach(Verb.VIEW_PHI)),
        }

    def missing(self, actor: Actor) -> PortalError:
        """Return the error for an address under which the actor sees nothing."""
        try:
            get_partition(actor=actor, name=self.partition)
        except PortalError as error:  # that is why
            return error
        return NotFound(f"No such {self.level}.", path=self.level)


def _parameters(name: str, reach: Reach) -> dict[str, Any]:
    return {
        f"{name}_partitions": reach.partition_keys,
        f"{name}_scopes": reach.scope_keys,
    }


def unidentified() -> Forbidden:
    """Return the error for bytes that would tell who a patient is."""
    message = (
        "You see this study without who its patient is, so neither its objects nor"
        " its pixels. Ask for a project that shows them."
    )
    return Forbidden(message)
