"""The values of content items, by their type (DICOM PS3.3 C.17.3.2.1, C.18)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from imaging.rendering.attributes import Model, items, tag, text, values
from imaging.reports import wording
from imaging.reports.document import Piece
from imaging.reports.references import Place, referred

Evidence = Mapping[str, Place]
_Value = Callable[[Model, Evidence], Iterable[Piece]]

_TEXT: Final = tag("TextValue")
_CODE: Final = tag("ConceptCodeSequence")
_MEASURED: Final = tag("MeasuredValueSequence")
_NUMERIC: Final = tag("NumericValue")
_UNITS: Final = tag("MeasurementUnitsCodeSequence")
_QUALIFIER: Final = tag("NumericValueQualifierCodeSequence")
_PERSON: Final = tag("PersonName")
_GRAPHIC: Final = tag("GraphicType")
_POINTS: Final = tag("GraphicData")
_FRAME_OF_REFERENCE: Final = tag("ReferencedFrameOfReferenceUID")
_OBJECTS: Final = tag("ReferencedSOPSequence")
_CHANNELS: Final = tag("ReferencedWaveformChannels")
_RANGE: Final = tag("TemporalRangeType")
_TIMES: Final = {
    tag("ReferencedSamplePositions"): "samples",
    tag("ReferencedTimeOffsets"): "seconds",
    tag("ReferencedDateTime"): "",
}
_MOST_NUMBERS: Final = 60  # of coordinates
_NO_UNITS: Final = frozenset({"", "1"})


def value_of(value_type: str, model: Model, evidence: Evidence) -> tuple[Piece, ...]:
    """Return what a content item says, in pieces; none of a container."""
    made = _VALUES.get(value_type)
    if made is None:
        return ()
    return tuple(piece for piece in made(model, evidence) if piece.text)


def _plain(keyword: str, write: Callable[[str], str] = wording.clean) -> _Value:
    key = tag(keyword)
    return lambda model, _evidence: [Piece(write(text(model, key)))]


def _text(model: Model, _evidence: Evidence) -> Iterable[Piece]:
    if "BulkDataURI" in model.get(_TEXT, {}):
        return [Piece("a text of more than 1 MB: retrieve the instance", is_note=True)]
    return [Piece(wording.clean(text(model, _TEXT)))]


def _code(model: Model, _evidence: Evidence) -> Iterable[Piece]:
    for code in items(model, _CODE)[:1]:
        value, scheme = wording.code_of(code), wording.scheme_of(code)
        yield Piece(wording.meaning_of(model, _CODE))
        yield Piece(", ".join(filter(None, (value, scheme))), is_note=True)


def _number(model: Model, _evidence: Evidence) -> Iterable[Piece]:
    for measured in items(model, _MEASURED)[:1]:
        figure = "".join(wording.figures(measured, _NUMERIC, 1))
        for code in items(measured, _UNITS)[:1]:
            unit = wording.code_of(code)
            yield Piece(figure if unit in _NO_UNITS else f"{figure} {unit}")
            meaning = wording.meaning_of(measured, _UNITS)
            if meaning.lower() not in {unit.lower(), *_NO_UNITS, "no units"}:
                yield Piece(meaning, is_note=True)
            break
        else:
            yield Piece(figure)
    yield Piece(wording.meaning_of(model, _QUALIFIER))


def _name(model: Model, _evidence: Evidence) -> Iterable[Piece]:
    return [Piece(wording.name_of(each)) for each in values(model, _PERSON)[:1]]


def _coordinates(model: Model, _evidence: Evidence) -> Iterable[Piece]:
    yield Piece(wording.clean(text(model, _GRAPHIC)).capitalize())
    is_spatial = bool(text(model, _FRAME_OF_REFERENCE))
    numbers = wording.figures(model, _POINTS, _MOST_NUMBERS)
    size = 3 if is_spatial else 2
    points = (numbers[at : at + size] for at in range(0, len(numbers), size))
    yield Piece(", ".join(f"({'; '.join(point)})" for point in points), is_note=True)
    yield _left_out(model, _POINTS)
    if is_spatial:
        yield Piece("mm of the frame of reference", is_note=True)


def _times(model: Model, _evidence: Evidence) -> Iterable[Piece]:
    yield Piece(wording.clean(text(model, _RANGE)).capitalize())
    for key, unit in _TIMES.items():
        found = wording.figures(model, key, _MOST_NUMBERS)
        if found:
            written = map(wording.moment, found) if not unit else found
            yield Piece(f"{', '.join(written)} {unit}".rstrip(), is_note=True)
            yield _left_out(model, key)


def _waveform(model: Model, _evidence: Evidence) -> Iterable[Piece]:
    yield from referred(model, {})  # no link: waveforms have no rendered form
    for each in items(model, _OBJECTS)[:1]:
        channels = wording.figures(each, _CHANNELS, _MOST_NUMBERS)
        if channels:
            yield Piece(f"channels {', '.join(channels)}", is_note=True)


def _left_out(model: Model, key: str) -> Piece:
    more = len(values(model, key)) - _MOST_NUMBERS
    return Piece(f"and {more} more numbers" if more > 0 else "", is_note=True)


_VALUES: Final[Mapping[str, _Value]] = {
    "TEXT": _text,
    "CODE": _code,
    "NUM": _number,
    "PNAME": _name,
    "DATETIME": _plain("DateTime", wording.moment),
    "DATE": _plain("Date", wording.date),
    "TIME": _plain("Time", wording.time),
    "UIDREF": _plain("UID"),
    "IMAGE": referred,
    "COMPOSITE": referred,
    "WAVEFORM": _waveform,
    "SCOORD": _coordinates,
    "SCOORD3D": _coordinates,
    "TCOORD": _times,
}
