"""Weights of a model as they lie in a file of the safetensors format: pure."""

from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson

Array = npt.NDArray[np.float32]

_LENGTH: Final = 8  # bytes that say how long the header is
_LONGEST_HEADER: Final = 2**20


def tensors_of(path: Path) -> dict[str, Array]:
    """Return the tensors of 32-bit floats of a file, by name.

    They are not read but mapped: processes of a machine share them, and a row that
    nobody asks for is never loaded.

    Raises
    ------
    ValueError
        It is no such file.
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(_LENGTH), "little")
        if length > _LONGEST_HEADER:
            message = f"{path.name} has no header of tensors."
            raise ValueError(message)
        header: dict[str, Any] = orjson.loads(file.read(length))
    whole = np.memmap(path, np.uint8, "r", offset=_LENGTH + length)
    return {
        name: whole[slice(*told["data_offsets"])].view("<f4").reshape(told["shape"])
        for name, told in header.items()
        if told.get("dtype") == "F32"
    }
