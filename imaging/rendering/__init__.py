"""Pictures: frames as people look at them, in JPEG, PNG or GIF (DICOM PS3.18 8.3.5).

Pure: no database, no knowledge of files; of an instance nothing but its DICOM JSON
model and bulk values is read. numpy and Pillow are loaded by the first picture.
"""

from collections.abc import Iterable

from imaging.rendering.appearance import (
    MOST_ANIMATED_FRAMES,
    Annotation,
    Appearance,
    IccProfile,
    PictureType,
    Shape,
    Viewport,
    Window,
)
from imaging.rendering.source import FrameSource

__all__ = [
    "MOST_ANIMATED_FRAMES",
    "Annotation",
    "Appearance",
    "FrameSource",
    "IccProfile",
    "PictureType",
    "Shape",
    "Viewport",
    "Window",
    "animate",
    "render",
]


def render(source: FrameSource, appearance: Appearance, made: PictureType) -> bytes:
    """Return a picture of a frame, as a file.

    The modality's values are those of a look-up table or of rescaling; grey levels
    those of the window asked for, else of the first VOI LUT or window of the data set,
    else of what values the frame has. Padding is black. Graphics of overlays are white.

    Raises
    ------
    CannotTranscode
        The frame cannot be decoded, its palette makes no sense, or nothing of it would
        be seen.
    Busy
        Several large frames are being decoded.

    References
    ----------
    DICOM PS3.4 N.2, PS3.3 C.7.6.3, C.11.1, C.11.2
    """
    from imaging.rendering import frame  # noqa: PLC0415 loads numpy and Pillow

    return frame.render(source, appearance, made)


def animate(sources: Iterable[FrameSource], appearance: Appearance) -> bytes:
    """Return frames as a moving picture, a GIF; each looks as `render` has it.

    They are shown at the rate that the data set recommends, else at that at which they
    were made, over and over. Of many the first: as many as `MOST_ANIMATED_FRAMES`, and
    of large ones so few that they fit into memory.

    Parameters
    ----------
    sources
        Of one instance, in their order, at least one. Each is read when it is its turn.

    Raises
    ------
    CannotTranscode, Busy
        As of `render`, for any of them.

    References
    ----------
    DICOM PS3.3 C.7.6.5
    """
    from imaging.rendering import animation  # noqa: PLC0415 loads numpy and Pillow

    return animation.animate(sources, appearance)
