"""What a presentation state says of one frame of an image, without numpy."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from imaging.errors import CannotTranscode
from imaging.rendering.attributes import Bulk, Model, items, tag, text, values

MOST_REFERENCES: Final = 1_000
"""Images of a presentation state that are shown."""

_MOST_FRAMES: Final = 1_000  # of an image
_LAST_FRAME: Final = 2**31
_UID: Final = re.compile(r"[0-9.]{0,63}[0-9]", re.ASCII)
_CLASSES: Final = "1.2.840.10008.5.1.4.1.1.11."
_GREY, _COLOUR, _PSEUDO_COLOUR = (f"{_CLASSES}{number}" for number in (1, 2, 3))
_CLASS: Final = tag("SOPClassUID")
_SERIES: Final = tag("ReferencedSeriesSequence")
_SERIES_UID: Final = tag("SeriesInstanceUID")
_IMAGES: Final = tag("ReferencedImageSequence")
_INSTANCE: Final = tag("ReferencedSOPInstanceUID")
_FRAMES: Final = tag("ReferencedFrameNumber")
_VOI_LUTS: Final = tag("SoftcopyVOILUTSequence")
_AREAS: Final = tag("DisplayedAreaSelectionSequence")
_ANNOTATIONS: Final = tag("GraphicAnnotationSequence")
_SHAPE: Final = tag("PresentationLUTShape")
_MODALITY: Final = tuple(
    map(tag, ("ModalityLUTSequence", "RescaleIntercept", "RescaleSlope"))
)
_VOI: Final = tuple(
    map(tag, ("VOILUTSequence", "WindowCenter", "WindowWidth", "VOILUTFunction"))
)
_ASPECT: Final = tag("PixelAspectRatio")
_SPACING: Final = tag("PixelSpacing")
_RATIOS: Final = {
    tag("PresentationPixelSpacing"): _SPACING,
    tag("PresentationPixelAspectRatio"): _ASPECT,
}


class Reference(NamedTuple):
    """An image to which a presentation state belongs.

    Attributes
    ----------
    frames
        Numbers of the frames, from 1; empty for all.
    """

    series_instance_uid: str
    sop_instance_uid: str
    frames: tuple[int, ...]


def is_presentation_state(model: Model) -> bool:
    """Return whether a data set is a presentation state that is applied here.

    Raises
    ------
    CannotTranscode
        It is one of another kind: of blending, of volumes, of masks.
    """
    sop_class = text(model, _CLASS)
    if sop_class.startswith(_CLASSES) and sop_class not in _KINDS:
        message = "This kind of presentation state is not applied here: its images are"
        message += " shown without it."
        raise CannotTranscode(message)
    return sop_class in _KINDS


_KINDS: Final = frozenset({_GREY, _COLOUR, _PSEUDO_COLOUR})


def references_of(model: Model) -> list[Reference]:
    """Return the images to which a presentation state belongs, in its order."""
    found = [
        Reference(
            text(series, _SERIES_UID), text(each, _INSTANCE), tuple(_frames(each))
        )
        for series in items(model, _SERIES)
        for each in items(series, _IMAGES)
    ]
    return [each for each in found if all(map(_UID.fullmatch, each[:2]))][
        :MOST_REFERENCES
    ]


def _frames(reference: Model) -> list[int]:
    found = values(reference, _FRAMES)
    return [
        each
        for each in found[:_MOST_FRAMES]
        if isinstance(each, int) and 0 < each <= _LAST_FRAME
    ]


@dataclass(frozen=True, slots=True)
class PresentationState:
    """A presentation state, as it is for one image.

    Attributes
    ----------
    model, bulk
        Its own DICOM JSON model, and what reads the bulk values of that.
    instance
        SOP Instance UID of the image.
    """

    model: Model
    bulk: Bulk
    instance: str

    @property
    def is_of_grey(self) -> bool:
        """Return whether it says how stored values become grey levels."""
        return text(self.model, _CLASS) != _COLOUR

    @property
    def has_palette(self) -> bool:
        """Return whether it gives grey levels colours."""
        return text(self.model, _CLASS) == _PSEUDO_COLOUR

    @property
    def is_inverse(self) -> bool:
        """Return whether what the window makes white is black (PS3.3 C.11.6)."""
        return text(self.model, _SHAPE) == "INVERSE"

    def area(self, frame: int) -> Model:
        """Return what it says of the part of a frame that is shown (C.10.4)."""
        return next(self._of(_AREAS, frame), {})

    def annotations(self, frame: int) -> Iterator[Model]:
        """Yield the graphics and texts that are drawn upon a frame (C.10.5)."""
        return self._of(_ANNOTATIONS, frame)

    def applied(self, frame: Model, number: int) -> Model:
        """Return what the data set of a frame says, with what is said instead of it.

        How values become grey levels is said by the presentation state alone: what it
        leaves out, does not happen (PS3.4 N.2.1).
        """
        replaced: dict[str, Any] = dict(frame)
        if self.is_of_grey:
            for key in (*_MODALITY, *_VOI):
                replaced.pop(key, None)
            voi = next(self._of(_VOI_LUTS, number), {})
            replaced |= _taken(self.model, _MODALITY) | _taken(voi, _VOI)
        ratios = {
            ours: area[key]
            for area in [self.area(number)]
            for key, ours in _RATIOS.items()
            if values(area, key)
        }
        if ratios:
            replaced.pop(_ASPECT, None)
            replaced |= ratios
        return replaced

    def _of(self, key: str, frame: int) -> Iterator[Model]:
        """Yield the items of a sequence that are of the image, or of all images."""
        for item in items(self.model, key):
            images = items(item, _IMAGES)
            if not images or any(self._is_of(each, frame) for each in images):
                yield item

    def _is_of(self, reference: Model, frame: int) -> bool:
        frames = _frames(reference)
        is_same = text(reference, _INSTANCE) == self.instance
        return is_same and (not frames or frame in frames)


def _taken(model: Model, keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: model[key] for key in keys if key in model}
