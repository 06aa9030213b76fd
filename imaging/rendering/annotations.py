"""What is written into a picture where that is asked for (PS3.18 8.3.5.1.1): pure."""

from collections.abc import Iterable
from typing import Final

from imaging.rendering.attributes import Model, number, tag, text, values

_LONGEST: Final = 64
_GROUPS: Final = ("Alphabetic", "Ideographic", "Phonetic")
_DAY: Final = 8


def of_patient(model: Model) -> list[str]:
    """Return the lines that tell who the patient is."""
    born = _date(text(model, tag("PatientBirthDate")))
    return _lines(
        (
            _name(model),
            text(model, tag("PatientID")),
            " ".join(filter(None, (born, text(model, tag("PatientSex"))))),
        )
    )


def of_technique(model: Model, frame: int, number_of_frames: int) -> list[str]:
    """Return the lines that tell which image it is and how it was made."""
    of = f", frame {frame} of {number_of_frames}" if number_of_frames > 1 else ""
    return _lines(
        (
            f"{text(model, tag('Modality'))} {text(model, tag('SeriesDescription'))}",
            _date(text(model, tag("StudyDate"))),
            f"Series {_number(model, 'SeriesNumber')}, "
            f"image {_number(model, 'InstanceNumber')}{of}",
            _measured(model, "SliceLocation", "Position", "mm"),
            _measured(model, "SliceThickness", "Thickness", "mm"),
            _measured(model, "KVP", "", "kV"),
            _measured(model, "RepetitionTime", "TR", "ms"),
            _measured(model, "EchoTime", "TE", "ms"),
        )
    )


def _lines(texts: Iterable[str]) -> list[str]:
    """Return those that say something, each as one line of what can be seen."""
    found = (
        "".join(letter for letter in each[:_LONGEST] if letter.isprintable()).strip()
        for each in texts
    )
    return [each for each in found if each]


def _name(model: Model) -> str:
    for each in values(model, tag("PatientName"))[:1]:
        groups = [each.get(name) for name in _GROUPS] if isinstance(each, dict) else []
        found = next((group for group in groups if isinstance(group, str)), "")
        return " ".join(found.replace("^", " ").split())
    return ""


def _date(value: str) -> str:
    if len(value) != _DAY:
        return value
    return f"{value[:4]}-{value[4:6]}-{value[6:]}"


def _number(model: Model, keyword: str) -> str:
    found = number(model, tag(keyword))
    return "?" if found is None else f"{found:g}"


def _measured(model: Model, keyword: str, name: str, unit: str) -> str:
    found = number(model, tag(keyword))
    return "" if found is None else f"{name} {found:g} {unit}"
