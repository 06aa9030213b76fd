"""Presentation states: how images are meant to be shown (DICOM PS3.4 N, PS3.3 A.33).

Grayscale, color and pseudo-color softcopy presentation states. What they say is read
from their JSON model; numpy and Pillow are loaded where a picture is made.
"""

from imaging.rendering.states.state import (
    PresentationState,
    Reference,
    is_presentation_state,
    references_of,
)

__all__ = [
    "PresentationState",
    "Reference",
    "is_presentation_state",
    "references_of",
]
