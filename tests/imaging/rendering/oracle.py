"""Frames to render, and what pydicom's own pipeline makes of them."""

from io import BytesIO
from typing import Any, Final

import numpy as np
import pydicom
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut
from pydicom.uid import ExplicitVRLittleEndian

from imaging.frames import Run, Value, fragments, native_frame
from imaging.layout import FRAME_ENTRY, Pixels
from imaging.part10 import open_stream, parse
from imaging.rendering import Appearance, FrameSource, PictureType, render
from tests.synthetic import encode, instance

WHITE: Final = 255


def source_of(content: bytes, number: int = 1) -> FrameSource:
    """Return a frame of a file as the portal reads it."""
    parsed = parse(content)
    assert parsed.pixels is not None
    source = open_stream(
        lambda offset, length: content[offset : offset + length],
        parsed.transfer_syntax_uid,
        parsed.data_set_offset,
    )
    places = {each.path: each for each in parsed.bulk}

    def bulk(path: str) -> bytes:
        place = places[path]
        return source.read(place.offset, place.length)

    held = parsed.pixels
    if held.encapsulated:
        run = list(FRAME_ENTRY.iter_unpack(held.frames))[number - 1]
        stream = fragments(source, Run(*run))
        octets = stream.read(0, stream.size)
    else:
        pixels = Pixels(
            held.tag,
            held.offset,
            held.length,
            held.encapsulated,
            held.number_of_frames,
            held.bits_per_frame,
        )
        frame = native_frame(pixels, Value(source, held.offset, held.length), number)
        octets = frame.read(0, frame.size)
    syntax = parsed.transfer_syntax_uid
    return FrameSource(lambda: octets, len(octets), syntax, parsed.model, number, bulk)


def picture_of(
    dataset: Dataset | bytes,
    *,
    number: int = 1,
    syntax: str = ExplicitVRLittleEndian,
    **asked: Any,
) -> NDArray[np.uint8]:
    """Return the picture of a frame, exactly."""
    content = dataset if isinstance(dataset, bytes) else encode(dataset, syntax)
    made = render(source_of(content, number), Appearance(**asked), PictureType.PNG)
    return np.asarray(Image.open(BytesIO(made)))


def grey(pixels: NDArray[Any], **attributes: Any) -> Dataset:
    """Return an instance of grey pixels, all bits of which are stored."""
    attributes.setdefault("BitsStored", 8 * pixels.itemsize)
    dataset = instance(
        Rows=pixels.shape[-2],
        Columns=pixels.shape[-1],
        BitsAllocated=8 * pixels.itemsize,
        HighBit=attributes["BitsStored"] - 1,
        PixelRepresentation=int(pixels.dtype.kind == "i"),
        **{"NumberOfFrames": len(pixels), **attributes}
        if pixels.ndim == 3
        else attributes,
    )
    dataset.PixelData = pixels.tobytes()
    dataset["PixelData"].VR = "OW" if pixels.itemsize > 1 else "OB"
    return dataset


def coloured(pixels: NDArray[Any], meaning: str, **attributes: Any) -> Dataset:
    """Return an instance of pixels of three samples."""
    dataset = grey(pixels[..., 0], **attributes)
    dataset.SamplesPerPixel = 3
    dataset.PhotometricInterpretation = meaning
    dataset.PlanarConfiguration = 0
    dataset.PixelData = pixels.tobytes()
    return dataset


def noise(
    dtype: str, bits: int | None = None, shape: tuple[int, ...] = (24, 40)
) -> NDArray[Any]:
    """Return random values of so many bits, the least and the greatest among them."""
    kind = np.dtype(dtype)
    bits = bits or 8 * kind.itemsize
    low = -(1 << bits - 1) if kind.kind == "i" else 0
    high = low + (1 << bits) - 1
    made = np.random.default_rng(7).integers(low, high, shape, endpoint=True)
    made.flat[0], made.flat[1] = low, high
    return made.astype(kind)


def expected(dataset: Dataset) -> NDArray[np.float64]:
    """Return the grey levels that pydicom makes of the only frame, unrounded."""
    read = pydicom.dcmread(BytesIO(encode(dataset)))
    values = apply_modality_lut(read.pixel_array, read)
    low, high = _range(read)
    made = np.asarray(apply_voi_lut(values, read), np.float64)
    levels = (made - low) / (high - low) * WHITE
    if read.PhotometricInterpretation == "MONOCHROME1":
        levels = WHITE - levels
    return np.clip(levels, 0, WHITE)


def _range(dataset: Dataset) -> tuple[float, float]:
    """Return between which values pydicom's windows and VOI LUTs map."""
    if "VOILUTSequence" in dataset:
        return 0, (1 << dataset.VOILUTSequence[0].LUTDescriptor[2]) - 1
    if "ModalityLUTSequence" in dataset:
        return 0, (1 << dataset.ModalityLUTSequence[0].LUTDescriptor[2]) - 1
    signed = dataset.PixelRepresentation == 1
    low = -(1 << dataset.BitsStored - 1) if signed else 0
    ends = np.array([low, low + (1 << dataset.BitsStored) - 1], np.float64)
    ends = ends * float(dataset.get("RescaleSlope", 1))
    ends = ends + float(dataset.get("RescaleIntercept", 0))
    return float(ends.min()), float(ends.max())
