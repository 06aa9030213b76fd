"""The state of the embedded parts, told by the supervisor in a file."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from portal.embedded.places import Places


class Condition(StrEnum):
    """What a part is doing."""

    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"
    STOPPING = "stopping"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class PartState:
    """One embedded part.

    Attributes
    ----------
    pid
        Of the part's first process; None while there is none.
    restarts
        How often the part had to be started again since the supervisor started.
    """

    name: str
    condition: Condition
    pid: int | None
    restarts: int


def read(places: Places) -> list[PartState]:
    """Return the parts that the data folder's supervisor runs; none without one."""
    try:
        rows = json.loads(_file(places).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return [
        PartState(row["name"], Condition(row["condition"]), row["pid"], row["restarts"])
        for row in rows
    ]


def write(places: Places, states: list[PartState]) -> None:
    """Replace the file at once, so that no reader sees half of it."""
    draft = _file(places).with_suffix(".draft")
    draft.write_text(json.dumps([asdict(state) for state in states]), encoding="utf-8")
    draft.replace(_file(places))


def clear(places: Places) -> None:
    """Forget the parts: the supervisor has stopped them."""
    _file(places).unlink(missing_ok=True)


def _file(places: Places) -> Path:
    return places.data / "parts.json"
