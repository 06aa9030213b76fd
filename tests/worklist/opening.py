"""Who writes workitems and who has their lists, for tests of what these open."""

from typing import Any, Final

from core.access import Actor
from tests.actors import acting
from tests.graphql.graph import ask
from tests.imaging.dicomweb.asking import send as ask_dicomweb
from tests.synthetic import new_uid
from tests.worklist.steps import send, step

CHIEF: Final = acting(1, "chief")
"""Somebody who sees who all patients are, and may do everything."""

_STUDIES: Final = "{ studies(first: 50) { edges { node { studyInstanceUid } } } }"


def schedule(
    *, actor: Actor = CHIEF, study: str = "", others: tuple[str, ...] = (), **more: Any
) -> str:
    """Create a workitem that names some studies; return its UID."""
    uid = new_uid()
    named = {"00404021": naming(*others)} if others else {}
    model = step(study=study, attributes=named, **more)
    if not study:
        del model["0020000D"]
    answer = send(f"/workitems?{uid}", "POST", json=[model], actor=actor)
    assert answer.status_code == 201, answer.text
    return uid


def naming(*studies: str) -> dict[str, Any]:
    """Return Input Information Sequence (0040,4021) with references to studies."""
    return {
        "vr": "SQ",
        "Value": [
            {
                "0040E020": {"vr": "CS", "Value": ["DICOM"]},
                "0020000D": {"vr": "UI", "Value": [uid]},
                "0020000E": {"vr": "UI", "Value": [f"{uid}.1"]},
                "00081199": {
                    "vr": "SQ",
                    "Value": [
                        {
                            "00081150": {
                                "vr": "UI",
                                "Value": ["1.2.840.10008.5.1.4.1.1.2"],
                            },
                            "00081155": {"vr": "UI", "Value": [f"{uid}.1.1"]},
                        }
                    ],
                },
                "0040E025": {
                    "vr": "SQ",
                    "Value": [{"00081190": {"vr": "UR", "Value": ["http://h/"]}}],
                },
            }
            for uid in studies
        ],
    }


def change(uid: str, actor: Actor, **attributes: Any) -> int:
    """Update a workitem; return the status of the answer."""
    model = {tag.removeprefix("t"): each for tag, each in attributes.items()}
    return send(f"/workitems/{uid}", "POST", json=model, actor=actor).status_code


def move_to(uid: str, label: str, actor: Actor) -> int:
    """Put a workitem on another worklist; return the status of the answer."""
    return change(uid, actor, t00741202={"vr": "LO", "Value": [label]})


def opened(actor: Actor) -> set[str]:
    """Return the studies that an actor sees, at two doors."""
    found = ask_dicomweb("/studies", actor=actor)
    rows = found.json() if found.status_code == 200 else []
    seen = {row["0020000D"]["Value"][0] for row in rows}
    edges = ask(_STUDIES, actor=actor)["studies"]["edges"]
    assert {each["node"]["studyInstanceUid"] for each in edges} == seen
    return seen
