"""Fonts for what is written into pictures.

Pillow's own font has letters without accents. Others are written in fonts of the
machine, where it has them. Where it has none, accents are left out, and then what still
cannot be written: a box says nothing, and to spell a name in letters that are not its
own would make another name of it (what is read Yamada in Japan is Shantian in China).
Of a patient's name the alphabetic form is taken first, so it is seldom lost.
"""

import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final

from PIL import ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

MACHINE_FONTS: Final = (
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "NotoSansCJK-Regular.ttc",
    "NotoSansArabic-Regular.ttf",
    "NotoSansHebrew-Regular.ttf",
    "NotoSansThai-Regular.ttf",
    "NotoSansDevanagari-Regular.ttf",
)
"""Looked for by name where the machine keeps its fonts."""

_OWN: Final = ""
_LOOKED_AT: Final = 20  # points, to find out which letters a font has
_NO_LETTER: Final = "\U0010fffe"


def written(line: str, size: int) -> tuple[str, Font]:
    """Return what of a line can be written, and the font that has it."""
    for name in (_OWN, *_machine_fonts()):
        if all(_has(name, letter) for letter in line):
            return line, _font(name, size)
    kept = "".join(letter for letter in _plain(line) if _has(_OWN, letter))
    return kept, _font(_OWN, size)


def _plain(line: str) -> Iterator[str]:
    """Yield letters without their accents."""
    return (
        letter
        for letter in unicodedata.normalize("NFKD", line)
        if not unicodedata.combining(letter)
    )


@cache
def _machine_fonts() -> tuple[str, ...]:
    """Return the paths of the fonts that there are."""
    found = []
    for name in MACHINE_FONTS:
        try:
            font = ImageFont.truetype(name, _LOOKED_AT)
        except OSError:
            continue
        found.append(str(font.path))
    return tuple(found)


def _font(name: str, size: int) -> Font:
    return ImageFont.truetype(name, size) if name else ImageFont.load_default(size)


@cache
def _looked_at(name: str) -> tuple[Font, bytes]:
    """Return a font, and how it draws what it has not."""
    font = _font(name, _LOOKED_AT)
    return font, bytes(font.getmask(_NO_LETTER))


@lru_cache(4096)
def _has(name: str, letter: str) -> bool:
    font, missing = _looked_at(name)
    return letter.isspace() or bytes(font.getmask(letter)) != missing
