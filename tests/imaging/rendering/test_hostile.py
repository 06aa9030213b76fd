"""Whatever a data set says of its pixels: a picture, or a refusal.

More with ``PORTAL_MUTANTS=20000 pytest tests/imaging/rendering/test_hostile.py``.
"""

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import PseudoColorSoftcopyPresentationStateStorage

from core.errors import Invalid
from imaging.errors import CannotTranscode
from imaging.rendering import (
    Annotation,
    Appearance,
    FrameSource,
    IccProfile,
    PictureType,
    Viewport,
    render,
)
from imaging.rendering.states import references_of
from tests.imaging.rendering.oracle import coloured, grey, noise, source_of
from tests.imaging.rendering.presenting import (
    LAYER,
    as_kept,
    item,
    state_of,
    window,
)
from tests.imaging.rendering.test_colours import ramps, with_palette
from tests.imaging.rendering.test_grey import lut
from tests.imaging.rendering.test_pictures import cross, overlay
from tests.imaging.rendering.test_states import (
    ANCHORED,
    BOXED,
    SHUTTERS,
    graphic,
    told,
)
from tests.synthetic import encode

MUTANTS: Final = int(os.environ.get("PORTAL_MUTANTS", "300"))
MORE_TAGS: Final = (
    "00280034", "00280120", "00280121", "00281050", "00281051", "52009229",
    "52009230", "60000010", "60000015", "60000050", "60000051", "60000102",
)  # fmt: skip
VALUES: Final[tuple[Any, ...]] = (
    0, 1, -1, 2, 3, 4, 8, 12, 16, 255, 65_535, 65_536, 2**31, -(2**31), 2**63, 2**70,
    0.5, 1e-320, 1e308, -1e308, "", "x", "\0", "NaN", "Infinity", "MONOCHROME1",
    "PALETTE COLOR", "YBR_FULL", "YBR_FULL_422", None, True, [], {}, {"vr": "SQ"},
)  # fmt: skip


def sources() -> list[FrameSource]:
    """Return frames of all kinds."""
    plain = grey(noise("int16", 12), BitsStored=12, PixelSpacing=["1", "2"])
    plain.WindowCenter, plain.WindowWidth = "40", "400"
    plain.VOILUTSequence = [lut(256, 0, 8)]
    overlay(plain, cross(), (3, 3))
    mapped = grey(noise("uint16", 12), BitsStored=12)
    mapped.ModalityLUTSequence = [lut(300, 5, 16)]
    palette = with_palette(grey(noise("uint8")), ramps(256, 16), 0, 16)
    colours = coloured(noise("uint8", shape=(24, 40, 3)), "YBR_FULL")
    colours.ICCProfile = b"no profile"
    return [source_of(encode(each)) for each in (plain, mapped, palette, colours)]


def mutated(model: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Return a model with some attributes left out, changed or of another kind."""
    model = dict(model) or {"00280010": {"vr": "US"}}
    for _ in range(chance.randint(1, 4)):
        tag = chance.choice([*model, *MORE_TAGS])
        known = model.get(tag)
        held = known.get("Value") if isinstance(known, dict) else None
        values = list(held or [])
        fate = chance.random()
        if fate < 0.2:
            model[tag] = {"vr": "US"}
        elif fate < 0.35:
            path = chance.choice([*model, "nowhere", 5, None])
            model[tag] = {"vr": "OW", "BulkDataURI": path}
        elif values and fate < 0.8:
            place = chance.randrange(len(values))
            held = values[place]
            is_item = isinstance(held, dict) and "Alphabetic" not in held
            values[place] = mutated(held, chance) if is_item else chance.choice(VALUES)
            model[tag] = {"vr": "US", "Value": values}
        else:
            values = [chance.choice(VALUES) for _ in range(chance.randint(0, 4))]
            model[tag] = {"vr": "US", "Value": values}
    return model


def forgiving(bulk: Callable[[str], bytes]) -> Callable[[str], bytes]:
    """Return what reads nothing where there is nothing, as the portal does."""

    def read(path: str) -> bytes:
        try:
            return bulk(path)
        except KeyError:
            return b""

    return read


def appearances(chance: random.Random) -> Iterator[Appearance]:
    while True:
        viewport = Viewport(
            chance.randint(1, 300),
            chance.randint(1, 300),
            60 * chance.random(),
            60 * chance.random(),
            chance.choice([None, 0.001, 50 * chance.random() + 0.001]),
            flips_vertically=True,
        )
        yield Appearance(
            viewport=chance.choice([None, viewport]),
            annotations=frozenset(Annotation),
            icc_profile=chance.choice(list(IccProfile)),
        )


@pytest.mark.timeout(3600 if MUTANTS > 1000 else 120)
def test_mutated_models_are_shown_or_refused() -> None:
    chance = random.Random(11)
    bases, asked = sources(), appearances(chance)
    shown = 0
    for _ in range(MUTANTS):
        base = chance.choice(bases)
        source = replace(
            base,
            model=mutated(dict(base.model), chance),
            number=chance.choice([1, 1, 2, 10**6]),
            bulk=forgiving(base.bulk),
        )
        try:
            render(source, next(asked), chance.choice(list(PictureType)))
        except (CannotTranscode, Invalid):
            continue
        shown += 1
    assert MUTANTS // 4 < shown < MUTANTS


@pytest.mark.timeout(3600 if MUTANTS > 1000 else 120)
def test_mutated_presentation_states_are_applied_or_refused() -> None:
    chance = random.Random(12)
    image, asked = source_of(encode(grey(noise("int16", 12)))), appearances(chance)
    instance = image.model["00080018"]["Value"][0]
    states = [as_kept(each, instance) for each in (of_all_kinds(), with_colours())]
    shown = 0
    for _ in range(MUTANTS):
        base = chance.choice(states)
        model = mutated(dict(base.model), chance)
        state = replace(base, model=model, bulk=forgiving(base.bulk))
        try:
            references_of(model)
            source = replace(image, state=state, number=chance.choice([1, 2]))
            render(source, next(asked), chance.choice(list(PictureType)))
        except (CannotTranscode, Invalid):
            continue
        shown += 1
    assert shown > MUTANTS // 4


def of_all_kinds() -> Dataset:
    """Return a presentation state with something of each kind."""
    image = grey(noise("uint8"))
    annotation = item(
        GraphicLayer=LAYER,
        GraphicObjectSequence=[
            graphic("ELLIPSE", 1, 2, 3, 4, 5, 6, 7, 8),
            graphic("INTERPOLATED", 1, 2, 3, 4, 5, 6, GraphicFilled="Y"),
            graphic("CIRCLE", 0.1, 0.2, 0.3, 0.4, units="DISPLAY"),
        ],
        TextObjectSequence=[told("words", **BOXED, **ANCHORED)],
    )
    state = state_of(
        image,
        SoftcopyVOILUTSequence=[item(VOILUTSequence=[lut(300, 5, 16)])],
        PresentationLUTShape=None,
        PresentationLUTSequence=[lut(256, 0, 8)],
        GraphicAnnotationSequence=[annotation],
        GraphicLayerSequence=[item(GraphicLayer=LAYER, GraphicLayerOrder="1")],
        ImageRotation=90,
        ImageHorizontalFlip="Y",
        ShutterShape=["RECTANGULAR", "CIRCULAR", "POLYGONAL", "BITMAP"],
        ShutterOverlayGroup=0x6000,
        ShutterPresentationValue=77,
    )
    for attributes, _ in SHUTTERS.values():
        state.update(item(**attributes))
    overlay(state, cross(), (3, 3))
    state.add_new(0x60001001, "CS", LAYER)
    return state


def with_colours() -> Dataset:
    """Return a presentation state that gives grey levels colours."""
    image = grey(noise("uint8"))
    kind = PseudoColorSoftcopyPresentationStateStorage
    state = state_of(image, SOPClassUID=kind, PresentationLUTShape=None)
    state.PixelRepresentation = 0
    state.SoftcopyVOILUTSequence = [window(900, 1800)]
    return with_palette(state, ramps(256, 16), 0, 16)


def test_a_table_that_begins_beyond_all_values_is_none() -> None:
    dataset = with_palette(grey(noise("uint8")), ramps(256, 16), 0, 16)
    source = source_of(encode(dataset))
    model = {**source.model}
    model["00281102"] = {"vr": "FD", "Value": [256, 1e308, 16]}
    with pytest.raises(CannotTranscode, match="palette"):
        render(replace(source, model=model), Appearance(), PictureType.PNG)


def test_a_stream_that_is_longer_than_its_pixels_is_not_read() -> None:
    source = source_of(encode(grey(noise("uint8"))))

    def read() -> bytes:
        raise AssertionError

    with pytest.raises(CannotTranscode, match="longer"):
        render(replace(source, read=read, size=1 << 40), Appearance(), PictureType.PNG)
    huge = {"vr": "US", "Value": [60_000]}
    model = {**source.model, "00280010": huge, "00280011": huge}
    with pytest.raises(CannotTranscode):
        render(replace(source, read=read, model=model), Appearance(), PictureType.PNG)
