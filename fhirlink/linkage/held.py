"""A study as the imaging index holds it: what the mapping reads."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from imaging.rendering.attributes import Model


class HeldInstance(NamedTuple):
    """An instance of a series.

    Attributes
    ----------
    number
        (0020,0013), whatever it is.
    title
        Of an image its type, of a document its title.
    """

    uid: str
    sop_class: str
    number: int | None
    title: str = ""


@dataclass(frozen=True, slots=True)
class HeldSeries:
    """A series of a study.

    Attributes
    ----------
    model
        The data set of the instance that describes it, the newest one.
    instances
        Those that are listed; none where the study has too many.
    """

    uid: str
    model: Model
    number_of_instances: int
    instances: Sequence[HeldInstance] = ()


@dataclass(frozen=True, slots=True)
class HeldStudy:
    """A study with its series.

    Attributes
    ----------
    model
        The data set of its newest instance, with the PatientID that the study keeps.
    is_rejected
        Whether key object selections in it reject all of it.
    """

    uid: str
    model: Model
    series: Sequence[HeldSeries]
    is_rejected: bool = False

    @property
    def number_of_instances(self) -> int:
        """Return how many instances are held."""
        return sum(each.number_of_instances for each in self.series)


@dataclass(frozen=True, slots=True)
class Links:
    """What a study is linked to, as references.

    Attributes
    ----------
    subject
        Its patient; by identifier, or by name, where it is not linked.
    devices
        What has made its series, by their UIDs.
    """

    subject: dict[str, Any]
    based_on: Sequence[dict[str, Any]] = ()
    endpoints: Sequence[dict[str, Any]] = ()
    devices: dict[str, dict[str, Any]] = field(default_factory=dict)
