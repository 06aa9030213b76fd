"""The bodies that lie in the demo's scanners, as shapes of named tissues.

The same anatomy serves every modality: a tissue has a value for each contrast. Shapes
are painted in order, later ones over earlier ones. The anatomy is plausible to the
eye and in its values, and no atlas.
"""

from collections.abc import Iterator
from random import Random
from typing import Final, NamedTuple

from portal.demo.protocols import Body
from portal.demo.shapes import Capsule, Ellipsoid, Point, Rib, Shape, Tube

Organ = tuple[Shape, str]


class Tissue(NamedTuple):
    """HU in CT with contrast agent, signal in T1 and T2, SUV of FDG in PET."""

    ct: float
    t1: float
    t2: float
    pet: float


TISSUES: Final = {
    "air": Tissue(-1000, 0, 0, 0.0),
    "gas": Tissue(-980, 5, 5, 0.3),
    "lung": Tissue(-850, 40, 40, 0.4),
    "fat": Tissue(-100, 860, 600, 0.3),
    "muscle": Tissue(55, 390, 190, 0.7),
    "wall": Tissue(45, 400, 300, 1.1),
    "cortex": Tissue(950, 40, 30, 0.7),
    "marrow": Tissue(320, 720, 430, 1.2),
    "disc": Tissue(85, 330, 420, 0.6),
    "blood": Tissue(165, 70, 60, 1.7),
    "heart": Tissue(105, 350, 250, 2.6),
    "liver": Tissue(110, 480, 230, 2.2),
    "spleen": Tissue(125, 360, 340, 1.8),
    "kidney": Tissue(180, 380, 380, 3.0),
    "bowel": Tissue(30, 350, 420, 1.3),
    "water": Tissue(5, 130, 1000, 0.8),
    "gray": Tissue(38, 450, 440, 6.0),
    "white": Tissue(30, 600, 320, 4.0),
    "table": Tissue(120, 0, 0, 0.0),
    "foam": Tissue(-900, 0, 0, 0.0),
    "tumour": Tissue(35, 300, 900, 9.0),
    "bone tumour": Tissue(480, 320, 880, 9.0),
}


Sections = tuple[tuple[float, float, float, float, float], ...]

_FEMUR: Final[Sections] = (
    (22, 0, 4, 37, 27),
    (45, 0, 3, 31, 22),
    (95, 0, 0, 17, 16),
    (270, 2, -2, 14, 14),
)
_TIBIA: Final[Sections] = (
    (-160, 2, 0, 13, 13),
    (-60, 0, 0, 18, 17),
    (-34, 0, 2, 30, 23),
    (-8, 0, 3, 37, 26),
)
_FIBULA: Final[Sections] = ((-160, -30, 20, 7, 7), (-24, -34, 18, 10, 9))


def organs(body: Body, luck: Random) -> Iterator[Organ]:
    """Yield the organs of a body in the order of painting.

    `luck` draws what differs between people: girth, vessels, bowel.
    """
    if body is Body.TORSO:
        yield from _torso(luck)
    elif body is Body.LEG:
        yield from _leg()
    else:
        yield from _head()


def _torso(luck: Random) -> Iterator[Organ]:
    yield from _table()
    yield from _trunk_wall(luck.uniform(8, 22))
    yield from _thorax(luck)
    yield from _abdomen(luck)
    yield from _spine()
    yield from _trunk_vessels()


def _table() -> Iterator[Organ]:
    yield Tube(((-400, 0, 140, 205, 28), (400, 0, 140, 205, 28))), "table"
    yield Tube(((-400, 0, 140, 202, 25), (400, 0, 140, 202, 25))), "foam"


def _trunk_wall(fat: float) -> Iterator[Organ]:
    outline = (
        (-270, 0, 2, 146, 92),
        (-150, 0, 0, 140, 92),
        (0, 0, 0, 148, 100),
        (120, 0, 0, 156, 98),
        (180, 0, 5, 158, 84),
        (222, 0, 10, 110, 70),
        (245, 0, 14, 66, 58),
        (320, 0, 16, 60, 56),
    )
    yield (
        Tube(tuple((z, x, y, a + fat, b + fat / 2) for z, x, y, a, b in outline)),
        ("fat"),
    )
    yield Tube(outline), "muscle"
    for side in (-1, 1):
        yield Ellipsoid((side * 88, 74, 142), (24, 4.5, 46)), "cortex"
        yield Ellipsoid((side * 88, 74, 142), (21, 2.5, 43)), "marrow"
        yield Capsule((side * 16, -74, 176), (side * 118, -20, 196), 6), "cortex"
        yield Capsule((side * 16, -74, 176), (side * 118, -20, 196), 3.5), "marrow"
        yield Ellipsoid((side * 138, 12, 186), (20, 22, 24)), "cortex"
        yield Ellipsoid((side * 138, 12, 186), (17, 19, 21)), "marrow"


def _thorax(luck: Random) -> Iterator[Organ]:
    for number in range(12):
        height = -38 + number * 21
        narrow = max(0.0, height - 110) / 100
        yield Rib(height, 136 - 58 * narrow, 88 - 26 * narrow), "cortex"
        yield Rib(height, 136 - 58 * narrow, 88 - 26 * narrow, 2.8), "marrow"
    yield Tube(((-15, 0, -6, 62, 70), (110, 0, -4, 48, 66), (190, 0, 4, 26, 34))), "fat"
    for side in (-1, 1):
        yield _lung(side), "lung"
        yield from _lung_vessels(side, luck)
    yield Ellipsoid((22, -26, 34), (58, 46, 52)), "heart"
    yield Ellipsoid((34, -34, 26), (32, 26, 32)), "blood"
    yield Ellipsoid((-8, -18, 44), (24, 26, 32)), "blood"
    yield Tube(((28, 0, -88, 20, 5), (165, 0, -78, 15, 6))), "cortex"
    yield Tube(((30, 0, -88, 17, 3), (163, 0, -78, 12, 4))), "marrow"
    yield Tube(((104, 0, 10, 9, 8), (225, 0, 12, 9, 8))), "gas"
    for side in (-1, 1):
        yield Capsule((0, 10, 106), (side * 40, 16, 78), 6), "gas"
    yield Tube(((-20, 10, 33, 7, 6), (225, 4, 30, 8, 6))), "wall"


def _lung(side: int) -> Shape:
    return Tube(
        (
            (-60, side * 78, 58, 24, 10),
            (-30, side * 78, 46, 42, 32),
            (0, side * 75, 18, 50, 66),
            (60, side * 74, 2, 52, 78),
            (120, side * 68, 0, 48, 72),
            (170, side * 50, 8, 34, 46),
            (200, side * 42, 14, 8, 10),
        )
    )


def _lung_vessels(side: int, luck: Random) -> Iterator[Organ]:
    """Branch twice from the hilum, thinner each time."""
    hilum = (side * 40.0, 14.0, 82.0)
    for _ in range(9):
        tip = (
            side * luck.uniform(45, 112),
            luck.uniform(-52, 62),
            luck.uniform(5, 165),
        )
        fork = _between(hilum, tip, luck.uniform(0.4, 0.6))
        yield Capsule(hilum, fork, luck.uniform(2.2, 3.4)), "blood"
        for _ in range(4):
            end = _near(tip, 16, luck)
            yield Capsule(fork, end, luck.uniform(0.9, 1.7)), "blood"
            yield Capsule(_between(fork, end, 0.5), _near(end, 14, luck), 0.8), "blood"


def _abdomen(luck: Random) -> Iterator[Organ]:
    yield (
        Tube(((-270, 0, -16, 112, 62), (-95, 0, -14, 116, 66), (-40, 0, -10, 118, 72))),
        "fat",
    )
    yield from _bowel(luck)
    yield Ellipsoid((60, -30, -42), (42, 34, 40)), "wall"
    yield Ellipsoid((60, -30, -42), (38, 30, 36)), "bowel"
    yield Ellipsoid((58, -48, -40), (26, 13, 26)), "gas"
    yield Ellipsoid((-56, -2, -46), (70, 70, 66)), "liver"
    yield Ellipsoid((6, -38, -34), (60, 32, 34)), "liver"
    for end in ((-95, -20, -30), (-80, 35, -40), (-60, -35, -15), (-40, 20, -10)):
        yield (
            Capsule((-34, 6, -58), (float(end[0]), float(end[1]), float(end[2])), 3),
            "blood",
        )
    yield Ellipsoid((-52, -52, -84), (16, 14, 24)), "water"
    yield Ellipsoid((96, 36, -30), (26, 38, 44)), "spleen"
    yield Capsule((-10, -4, -84), (70, 14, -62), 10), "wall"
    for side in (-1, 1):
        yield Ellipsoid((side * 60, 44, -118), (38, 34, 62)), "fat"
        yield Ellipsoid((side * 60, 42, -116), (27, 25, 52)), "kidney"
        yield Ellipsoid((side * 50, 38, -116), (13, 10, 26)), "fat"
        yield (
            Tube(((-270, side * 44, 52, 24, 22), (-90, side * 34, 50, 9, 9))),
            "muscle",
        )


def _bowel(luck: Random) -> Iterator[Organ]:
    for _ in range(34):
        x, y = luck.uniform(-88, 88), luck.uniform(-56, 10)
        start = (x, y, luck.uniform(-240, -105))
        end = _near(start, 30, luck)
        radius = luck.uniform(9, 15)
        yield Capsule(start, end, radius), "wall"
        inside = "gas" if luck.random() < 0.25 else "bowel"
        yield Capsule(start, end, radius - 3), inside


def _spine() -> Iterator[Organ]:
    yield Tube(((-270, 0, 54, 21, 16), (300, 0, 50, 16, 13))), "disc"
    for level in range(-264, 300, 30):
        top = level + 24
        yield Tube(((level, 0, 54, 23, 18), (top, 0, 54, 23, 18))), "cortex"
        yield Tube(((level + 2, 0, 54, 20, 15), (top - 2, 0, 54, 20, 15))), "marrow"
        yield Ellipsoid((0, 80, level + 12), (17, 14, 11)), "cortex"
        yield Capsule((-34, 78, level + 14), (34, 78, level + 14), 4.5), "cortex"
        yield Capsule((0, 86, level + 8), (0, 95, level), 4), "cortex"
    yield Tube(((-270, 0, 79, 9, 8), (300, 0, 79, 9, 8))), "water"
    yield Tube(((-50, 0, 79, 5, 4), (300, 0, 79, 5, 4))), "white"


def _trunk_vessels() -> Iterator[Organ]:
    yield (
        Tube(((-270, 8, 24, 9, 9), (-20, 12, 26, 11, 11), (112, 24, 34, 12, 12))),
        "blood",
    )
    yield Capsule((24, 34, 112), (-8, -14, 122), 13), "blood"
    yield Tube(((55, -12, -20, 15, 15), (122, -10, -16, 14, 14))), "blood"
    yield Tube(((-270, -20, 26, 11, 9), (15, -24, 8, 13, 11))), "blood"
    yield Tube(((50, -34, -12, 9, 9), (175, -30, -10, 8, 8))), "blood"
    yield Capsule((6, -22, 88), (-42, 12, 82), 9), "blood"
    yield Capsule((6, -22, 88), (44, 18, 90), 9), "blood"


def _leg() -> Iterator[Organ]:
    outline = (
        (-160, 0, 8, 46, 48),
        (0, 0, 6, 54, 56),
        (90, 0, 6, 66, 68),
        (270, 0, 6, 78, 80),
    )
    yield Tube(outline), "fat"
    yield Tube(tuple((z, x, y, a - 8, b - 8) for z, x, y, a, b in outline)), "muscle"
    yield Ellipsoid((0, 34, 10), (24, 12, 40)), "fat"
    for x, y in ((-34, 10), (30, 22), (-8, 40), (24, -24), (-26, -26)):
        yield Capsule((x * 1.0, y * 1.0, 40), (x * 1.3, y * 1.2, 270), 1.4), "fat"
    for side in (-1, 1):
        yield Ellipsoid((side * 18, 8, 20), (21, 28, 21)), "cortex"
    yield from _bone(_FEMUR, 2.0, 5.0)
    for side in (-1, 1):
        yield Ellipsoid((side * 18, 8, 20), (19.5, 26.5, 19.5)), "marrow"
        yield Ellipsoid((side * 18, 4, -4), (16, 19, 3)), "disc"
    yield from _bone(_TIBIA, 5.0, 2.0)
    yield from _bone(_FIBULA, 3.0, 2.0)
    yield Ellipsoid((0, -38, 24), (20, 9, 21)), "cortex"
    yield Ellipsoid((0, -38, 24), (18, 7, 19)), "marrow"
    yield Capsule((2, 36, -160), (12, 30, 270), 4), "blood"
    yield Capsule((-6, 38, -160), (2, 36, 270), 3), "blood"


def _bone(sections: Sections, low: float, high: float) -> Iterator[Organ]:
    """Yield a long bone; its cortex is `low` mm thick below and `high` mm above."""
    yield Tube(sections), "cortex"
    bottom, top = sections[0][0], sections[-1][0]
    inner = []
    for z, x, y, a, b in sections:
        wall = low + (high - low) * (z - bottom) / (top - bottom)
        inner.append((z, x, y, a - wall, b - wall))
    yield Tube(tuple(inner)), "marrow"


def _head() -> Iterator[Organ]:
    yield Capsule((0, 30, -60), (0, 34, -200), 62), "muscle"
    yield Ellipsoid((0, 0, 0), (80, 100, 104)), "fat"
    yield Ellipsoid((0, 0, 0), (76, 96, 100)), "cortex"
    yield Ellipsoid((0, 0, 0), (74, 94, 98)), "marrow"
    yield Ellipsoid((0, 0, 0), (72.5, 92.5, 96.5)), "cortex"
    yield Ellipsoid((0, 0, 0), (70, 90, 94)), "water"
    yield Ellipsoid((0, 0, 2), (67.5, 87.5, 91), 2.2), "gray"
    yield Ellipsoid((0, 0, 2), (61, 81, 84), 4.0), "white"
    yield Ellipsoid((0, -8, 40), (1.6, 78, 52)), "water"
    yield Ellipsoid((0, 48, -44), (46, 32, 26), 1.8), "gray"
    yield Ellipsoid((0, 48, -44), (38, 24, 18), 2.5), "white"
    yield Capsule((0, 18, -20), (0, 30, -90), 13), "white"
    for side in (-1, 1):
        yield Ellipsoid((side * 15, 8, 8), (10, 17, 11)), "gray"
        yield Ellipsoid((side * 27, -4, 6), (6, 22, 13)), "gray"
        yield Ellipsoid((side * 13, -24, 17), (5, 19, 9)), "water"
        yield Ellipsoid((side * 15, 10, 24), (6, 34, 8)), "water"
        yield Ellipsoid((side * 24, 42, 12), (6, 15, 10)), "water"
        yield Ellipsoid((side * 33, -78, -34), (18, 22, 17)), "fat"
        yield Ellipsoid((side * 33, -82, -34), (12, 12, 12)), "water"
        yield Ellipsoid((side * 50, 28, -48), (12, 12, 10)), "gas"
    yield Ellipsoid((0, 4, 8), (2.4, 13, 9)), "water"
    yield Ellipsoid((0, -76, -48), (14, 22, 18)), "gas"


def _between(start: Point, end: Point, part: float) -> Point:
    x, y, z = (a + (b - a) * part for a, b in zip(start, end, strict=True))
    return x, y, z


def _near(point: Point, reach: float, luck: Random) -> Point:
    x, y, z = (value + luck.uniform(-reach, reach) for value in point)
    return x, y, z
