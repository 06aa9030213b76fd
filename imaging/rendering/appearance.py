"""How a picture shall look: what the parameters of a request ask for (PS3.18 8.3.5).

Pure, without numpy, so that an idle server need not load it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MOST_VIEWPORT_PIXELS: Final = 1 << 25
"""Of a viewport: a display of 7,680 by 4,320 has 33 million."""

MOST_VIEWPORT_SIDE: Final = 16_384

USUAL_QUALITY: Final = 90

MOST_ANIMATED_FRAMES: Final = 256
"""Of a moving picture."""


class Shape(StrEnum):
    """How a window maps values to grey levels (DICOM PS3.3 C.11.2.1.3)."""

    LINEAR = "LINEAR"
    LINEAR_EXACT = "LINEAR_EXACT"
    SIGMOID = "SIGMOID"


@dataclass(frozen=True, slots=True)
class Window:
    """A range of values that is spread over the grey levels."""

    center: float
    width: float
    shape: Shape = Shape.LINEAR

    @property
    def is_valid(self) -> bool:
        """Return whether there is such a window (PS3.3 C.11.2.1.2, C.11.2.1.3)."""
        if self.shape is Shape.LINEAR:
            return self.width >= 1
        return self.width > 0


@dataclass(frozen=True, slots=True)
class Viewport:
    """Into which size a picture has to fit, and which part of the image is shown.

    Attributes
    ----------
    width, height
        In pixels of the picture.
    left, top
        Of the part, in pixels of the image, which may be fractions.
    source_width, source_height
        Of the part; None: up to the end of the image.
    flips_horizontally, flips_vertically
        Whether the part is shown mirrored.
    """

    width: int
    height: int
    left: float = 0
    top: float = 0
    source_width: float | None = None
    source_height: float | None = None
    flips_horizontally: bool = False
    flips_vertically: bool = False


class Annotation(StrEnum):
    """What is written into a picture (DICOM PS3.18 8.3.5.1.1)."""

    PATIENT = "patient"
    TECHNIQUE = "technique"


class IccProfile(StrEnum):
    """Which colour space a picture has, and whether it says so (PS3.18 8.3.5.1.5)."""

    NO = "no"
    YES = "yes"
    SRGB = "srgb"


class PictureType(StrEnum):
    """The media types in which pictures are made."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    GIF = "image/gif"


@dataclass(frozen=True, slots=True)
class Appearance:
    """All that is asked for of a picture.

    Attributes
    ----------
    quality
        Of JPEG, from 1 to 100.
    overlays
        Whether the graphics that are stored beside the pixels are drawn.
    """

    window: Window | None = None
    viewport: Viewport | None = None
    quality: int = USUAL_QUALITY
    annotations: frozenset[Annotation] = frozenset()
    icc_profile: IccProfile = IccProfile.NO
    overlays: bool = True

    @property
    def key(self) -> str:
        """Return what tells it from others: the same in every process."""
        shown = (self.window, self.viewport, self.quality, sorted(self.annotations))
        return repr((*shown, self.icc_profile, self.overlays))
