"""What a data set says of its pixels (DICOM PS3.3 C.7.6.3, PS3.5 8).

Made from the stored DICOM JSON model, so that no read path parses a file. Values are
hostile: what contradicts itself is refused here, before anything looks at a stream.
Pure: no numpy, so that an idle server need not load it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from imaging.errors import CannotTranscode

YBR_FULL_422: Final = "YBR_FULL_422"
_ALLOCATED: Final = frozenset({1, 8, 16, 32, 64})
_SAMPLES: Final = frozenset({1, 3, 4})
_MOST_ROWS: Final = 65_535
_FLOATS: Final = {"7FE00008": 32, "7FE00009": 64}
_USUAL: Final = {1: "MONOCHROME2", 3: "RGB", 4: "CMYK"}


@dataclass(frozen=True, slots=True)
class ImageDescription:
    """The Image Pixel attributes of an instance, and whether they agree.

    Attributes
    ----------
    high_bit
        The highest bit of a sample; one less than `bits_stored` but in old objects.
    planar_configuration
        1 where the samples of one colour lie together, 0 where those of one pixel do.
    number_of_frames
        1 where the data set does not say.
    is_float
        Whether samples are floating point: (7FE0,0008) or (7FE0,0009).
    """

    rows: int
    columns: int
    samples_per_pixel: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    is_signed: bool
    photometric_interpretation: str
    planar_configuration: int = 0
    number_of_frames: int = 1
    is_float: bool = False

    @classmethod
    def of(cls, model: Mapping[str, Mapping[str, Any]]) -> "ImageDescription":
        """Return the description in a DICOM JSON model.

        What is missing is taken as real files mean it; size and Bits Allocated must
        be there.

        Raises
        ------
        CannotTranscode
            It does not describe pixels that can exist.
        """
        float_bits = next((_FLOATS[tag] for tag in _FLOATS if tag in model), 0)
        samples = _number(model, "00280002", 1)
        allocated = float_bits or _number(model, "00280100", 0)
        stored = allocated if float_bits else _number(model, "00280101", allocated)
        values = model.get("00280004", {}).get("Value") or [_USUAL.get(samples, "")]
        made = cls(
            rows=_number(model, "00280010", 0),
            columns=_number(model, "00280011", 0),
            samples_per_pixel=samples,
            bits_allocated=allocated,
            bits_stored=stored,
            high_bit=stored - 1
            if float_bits
            else _number(model, "00280102", stored - 1),
            is_signed=_number(model, "00280103", 0) == 1,
            photometric_interpretation=str(values[0]).strip(),
            planar_configuration=_number(model, "00280006", 0) if samples > 1 else 0,
            number_of_frames=max(1, _number(model, "00280008", 1)),
            is_float=bool(float_bits),
        )
        made._check()
        return made

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the shape of a frame: rows, columns and, where several, samples."""
        if self.samples_per_pixel == 1:
            return (self.rows, self.columns)
        return (self.rows, self.columns, self.samples_per_pixel)

    @property
    def number_of_samples(self) -> int:
        """Return how many samples a frame has."""
        return self.rows * self.columns * self.samples_per_pixel

    @property
    def dtype(self) -> str:
        """Return the name of numpy's type of a sample; single bits are ``uint8``."""
        if self.is_float:
            return f"float{self.bits_allocated}"
        return f"{'' if self.is_signed else 'u'}int{max(8, self.bits_allocated)}"

    @property
    def native_bits(self) -> int:
        """Return the size of a frame that is not compressed (DICOM PS3.5 8.1.1)."""
        if self.photometric_interpretation == YBR_FULL_422:
            # Chrominance is there for every other pixel (DICOM PS3.3 C.7.6.3.1.2).
            return self.rows * self.columns * 2 * self.bits_allocated
        return self.number_of_samples * self.bits_allocated

    @property
    def is_plain(self) -> bool:
        """Return whether the stored bits are the lowest ones of each sample."""
        return self.high_bit == self.bits_stored - 1

    def _check(self) -> None:
        wrong = next((name for name, holds in self._rules() if not holds), None)
        if wrong:
            message = f"The instance has no usable {wrong}. Ask for it as stored."
            raise CannotTranscode(message)

    def _rules(self) -> tuple[tuple[str, bool], ...]:
        bits = self.bits_allocated
        return (
            ("Rows", 1 <= self.rows <= _MOST_ROWS),
            ("Columns", 1 <= self.columns <= _MOST_ROWS),
            ("Samples per Pixel", self.samples_per_pixel in _SAMPLES),
            ("Bits Allocated", bits in _ALLOCATED),
            ("Bits Stored", 1 <= self.bits_stored <= bits),
            ("High Bit", self.bits_stored - 1 <= self.high_bit < max(bits, 1)),
            ("Planar Configuration", self.planar_configuration in {0, 1}),
            (
                "Photometric Interpretation",
                self.photometric_interpretation != YBR_FULL_422
                or (self.samples_per_pixel == 3 and self.columns % 2 == 0),
            ),
        )


def _number(model: Mapping[str, Mapping[str, Any]], key: str, usual: int) -> int:
    """Return the first value as a whole number, -1 where it is none."""
    values = model.get(key, {}).get("Value") or [None]
    value = values[0]
    if value is None:
        return usual
    try:
        return int(value)
    except (TypeError, ValueError):
        return -1
