"""From colour samples to red, green and blue of 8 bits (DICOM PS3.3 C.7.6.3.1.2)."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from imaging.rendering.palette import Colours

_BLOCK: Final = 1 << 18  # pixels that are converted at once
_HALF: Final = 128
# From luminance, blue and red chrominance of full range (ITU-R BT.601).
_FROM_YBR: Final = np.array(
    [[1.0, 0.0, 1.402], [1.0, -0.344136, -0.714136], [1.0, 1.772, 0.0]], np.float32
)
_YBR: Final = frozenset({"YBR_FULL", "YBR_FULL_422"})


def rgb(
    samples: NDArray[Any], photometric_interpretation: str, bits_stored: int
) -> Colours:
    """Return the colours of samples, the first three of each pixel.

    Parameters
    ----------
    photometric_interpretation
        That of the samples; what is not known is taken for RGB.
    """
    made = _eight_bits(samples[..., :3], bits_stored)
    if photometric_interpretation not in _YBR:
        return made
    converted = np.empty_like(made)
    rows = max(1, _BLOCK // max(1, made.shape[1]))
    for start in range(0, made.shape[0], rows):
        block = made[start : start + rows].astype(np.float32)
        block[..., 1:] -= _HALF
        block = block @ _FROM_YBR.T
        converted[start : start + rows] = np.clip(np.rint(block), 0, 255)
    return converted


def _eight_bits(samples: NDArray[Any], bits_stored: int) -> Colours:
    if samples.dtype == np.uint8 and bits_stored == 8:
        return samples
    scale = 255 / ((1 << bits_stored) - 1) if bits_stored else 1.0
    return np.clip(np.rint(samples * scale), 0, 255).astype(np.uint8)
