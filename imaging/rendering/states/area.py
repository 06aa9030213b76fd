"""The part of an image that is shown, and how it is turned (PS3.3 C.10.4, C.10.6)."""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from imaging.rendering.attributes import Model, numbers, tag, text, whole

Points = NDArray[np.float64]
"""Of shape (number, 2): x and y."""

_TOP_LEFT: Final = tag("DisplayedAreaTopLeftHandCorner")
_BOTTOM_RIGHT: Final = tag("DisplayedAreaBottomRightHandCorner")
_ROTATION: Final = tag("ImageRotation")
_FLIP: Final = tag("ImageHorizontalFlip")
_QUARTER: Final = 90


class Area(NamedTuple):
    """A part of an image in whole pixels, and how it is turned.

    Attributes
    ----------
    turns
        Quarters of a circle, clockwise.
    is_flipped
        Whether left and right change sides after that.
    """

    left: int
    top: int
    right: int
    bottom: int
    turns: int
    is_flipped: bool

    @classmethod
    def of(cls, state: Model, selection: Model, columns: int, rows: int) -> "Area":
        """Return the area of an image; what juts out of the image is left out.

        Parameters
        ----------
        selection
            The item of the state that is of the image.
        """
        corners = [numbers(selection, key) for key in (_TOP_LEFT, _BOTTOM_RIGHT)]
        left, top, right, bottom = 0, 0, columns, rows
        if all(len(corner) == 2 for corner in corners):
            # Named as they are seen: turned, the first may be right of the second.
            across, down = (sorted(pair) for pair in zip(*corners, strict=True))
            left, top = max(0, int(across[0]) - 1), max(0, int(down[0]) - 1)
            right, bottom = min(columns, int(across[1])), min(rows, int(down[1]))
        if right <= left or bottom <= top:
            left, top, right, bottom = 0, 0, columns, rows
        degrees = whole(state, _ROTATION, 0)
        turns = degrees // _QUARTER % 4 if degrees % _QUARTER == 0 else 0
        return cls(left, top, right, bottom, turns, text(state, _FLIP) == "Y")

    @property
    def size(self) -> tuple[int, int]:
        """Return width and height as it is seen."""
        across, down = self.right - self.left, self.bottom - self.top
        return (down, across) if self.turns % 2 else (across, down)

    def shown(self, levels: NDArray[Any]) -> NDArray[Any]:
        """Return the area of an image as it is seen."""
        part = levels[self.top : self.bottom, self.left : self.right]
        turned = np.rot90(part, -self.turns)
        return turned[:, ::-1] if self.is_flipped else turned

    def moved(self, points: Points) -> Points:
        """Return where points of the image are seen, in pixels of the area."""
        x, y = points[:, 0] - self.left, points[:, 1] - self.top
        across, down = self.right - self.left, self.bottom - self.top
        turned = ((x, y), (down - y, x), (across - x, down - y), (y, across - x))
        x, y = turned[self.turns]
        return np.stack([self.size[0] - x if self.is_flipped else x, y], axis=1)
