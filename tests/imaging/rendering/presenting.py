"""Presentation states made in code, and the pictures that they give."""

from dataclasses import replace
from io import BytesIO
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.uid import GrayscaleSoftcopyPresentationStateStorage

from imaging.part10 import open_stream, parse
from imaging.rendering import Appearance, PictureType, render
from imaging.rendering.states import PresentationState
from tests.imaging.rendering.oracle import source_of
from tests.synthetic import encode, instance, new_uid

LAYER: Final = "LAYER1"


def item(**attributes: Any) -> Dataset:
    """Return an item of a sequence."""
    made = Dataset()
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    return made


def of(image: Dataset, **attributes: Any) -> Dataset:
    """Return a reference to an image."""
    return item(
        ReferencedSOPClassUID=image.SOPClassUID,
        ReferencedSOPInstanceUID=image.SOPInstanceUID,
        **attributes,
    )


def window(center: float, width: float, **attributes: Any) -> Dataset:
    """Return an item of the softcopy VOI LUT sequence."""
    return item(WindowCenter=str(center), WindowWidth=str(width), **attributes)


def area(left: int, top: int, right: int, bottom: int, **attributes: Any) -> Dataset:
    """Return an item of the displayed areas, corners from 1."""
    return item(
        DisplayedAreaTopLeftHandCorner=[left, top],
        DisplayedAreaBottomRightHandCorner=[right, bottom],
        PresentationSizeMode="SCALE TO FIT",
        PresentationPixelAspectRatio=["1", "1"],
        **attributes,
    )


def state_of(*images: Dataset, **attributes: Any) -> Dataset:
    """Return a grayscale softcopy presentation state of images of one study."""
    first = images[0]
    attributes.setdefault("SOPClassUID", GrayscaleSoftcopyPresentationStateStorage)
    attributes.setdefault(
        "DisplayedAreaSelectionSequence", [area(1, 1, first.Columns, first.Rows)]
    )
    made = instance(
        Modality="PR",
        PixelData=None,
        StudyInstanceUID=first.StudyInstanceUID,
        SeriesInstanceUID=new_uid(),
        ContentLabel="STATE",
        PresentationCreationDate="20260101",
        PresentationCreationTime="120000",
        PresentationLUTShape="IDENTITY",
        ReferencedSeriesSequence=[
            item(
                SeriesInstanceUID=each.SeriesInstanceUID,
                ReferencedImageSequence=[of(each)],
            )
            for each in images
        ],
    )
    for keyword in (
        "Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit",
        "PixelRepresentation", "SamplesPerPixel", "PhotometricInterpretation",
        "ImagePositionPatient",
    ):  # fmt: skip
        delattr(made, keyword)
    for keyword, value in attributes.items():
        if value is None:
            delattr(made, keyword)
        else:
            setattr(made, keyword, value)
    return made


def presented(
    image: Dataset | bytes, state: Dataset, *, number: int = 1, **asked: Any
) -> NDArray[np.uint8]:
    """Return the picture of a frame as a presentation state shows it."""
    source = source_of(image if isinstance(image, bytes) else encode(image), number)
    uid = source.model["00080018"]["Value"][0]
    source = replace(source, state=as_kept(state, uid))
    made = render(source, Appearance(**asked), PictureType.PNG)
    return np.asarray(Image.open(BytesIO(made)))


def as_kept(state: Dataset, instance_uid: str) -> PresentationState:
    """Return a presentation state as the portal reads it."""
    content = encode(state)
    parsed = parse(content)
    source = open_stream(
        lambda offset, length: content[offset : offset + length],
        parsed.transfer_syntax_uid,
        parsed.data_set_offset,
    )
    places = {each.path: each for each in parsed.bulk}

    def bulk(path: str) -> bytes:
        place = places[path]
        return source.read(place.offset, place.length)

    return PresentationState(parsed.model, bulk, instance_uid)
