"""What a search should find, as plain loops over plain values say it.

Written from DICOM PS3.18 8.3.4, PS3.4 C.2.2.2 and Azure's conformance statements, not
from the code under test: no SQL, no shared helper.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from typing import Final

SEPARATORS: Final = " ^"
BODY_PARTS: Final = {"CT": "CHEST", "MR": "HEAD", "US": "HEAD"}


@dataclass(frozen=True)
class Series:
    """A series with as many instances as it has numbers."""

    modality: str
    number: int | None
    requests: tuple[tuple[str, str], ...]
    instances: tuple[int, ...]
    description: str = ""


@dataclass(frozen=True)
class Study:
    """A study; `offset` is its TimezoneOffsetFromUTC."""

    name: str
    patient_id: str
    date: str
    time: str
    offset: str
    series: tuple[Series, ...]
    description: str = ""


@dataclass(frozen=True)
class Found:
    """One result: its place, and what is known of it."""

    uid: str
    age: int
    study: Study
    series: Series | None = None
    instance: int | None = None

    @property
    def held_series(self) -> Series:
        """Return the series that it is of."""
        assert self.series is not None
        return self.series

    @property
    def modalities(self) -> set[str]:
        """Return the modalities of its study."""
        return {series.modality for series in self.study.series} - {""}


def plain(text: str) -> str:
    """Return text without case and without marks that are accents."""
    decomposed = unicodedata.normalize("NFD", text.strip().casefold())
    kept = (c for c in decomposed if unicodedata.combining(c) in {0, 7, 8, 9})
    return unicodedata.normalize("NFC", "".join(kept))


def like(pattern: str, value: str) -> bool:
    """Return whether `value` fits `pattern`, both folded."""
    return fnmatchcase(value, pattern.replace("[", "[[]"))


def groups(name: str) -> list[str]:
    """Return the component groups of a name as they are compared."""
    return [plain(group).rstrip(SEPARATORS) for group in name.split("=")]


def name_matches(asked: str, held: str) -> bool:
    """Return whether a name fits, with wild cards, any group or those given."""
    wanted = groups(asked)
    if len(wanted) == 1:
        return not wanted[0].strip("*") or any(
            group and like(wanted[0], group) for group in groups(held)
        )
    pairs = zip(wanted, groups(held), strict=False)
    return all(not w.strip("*") or like(w, g) for w, g in pairs)


def name_equals(asked: str, held: str) -> bool:
    """Return whether a name is the one asked for, to the letter."""
    wanted = groups(asked)
    if len(wanted) == 1:
        return any(group and group == wanted[0] for group in groups(held))
    return wanted == groups(held)[: len(wanted)]


def unspaced(character: str) -> bool:
    """Return whether a character is of a script without spaces between words."""
    name = unicodedata.name(character, "")
    return name.startswith(("CJK", "HIRAGANA", "KATAKANA", "HANGUL"))


def fuzzy_matches(asked: str, held: str) -> bool:
    """Return whether consecutive words of a group begin with those asked for."""
    words = plain(asked.replace("^", " ").replace("=", " ")).split()
    return any(begins(words, group) for group in groups(held))


def begins(words: Sequence[str], group: str) -> bool:
    """Return whether the words are found in `group`, wherever one may begin."""
    for start in range(len(group)):
        at_word = start == 0 or group[start - 1] in SEPARATORS
        if at_word or unspaced(words[0][0]):
            end = after(words[0], group, start)
            if end is not None and follow(words[1:], group, end):
                return True
    return False


def after(word: str, group: str, start: int) -> int | None:
    """Return where `word` ends that begins at `start`, or None if it does not."""
    at = start
    for index, character in enumerate(word):
        if index and unspaced(character) and unspaced(word[index - 1]):
            while group[at : at + 1] and group[at] in SEPARATORS:
                at += 1
        if group[at : at + 1] != character:
            return None
        at += 1
    return at


def follow(words: Sequence[str], group: str, end: int) -> bool:
    """Return whether the next words of `group` begin with `words`."""
    if not words:
        return True
    for start in range(end, len(group)):
        gap = group[end:start]
        rest = gap.rstrip(SEPARATORS)
        if any(separator in rest for separator in SEPARATORS):
            return False
        if rest == gap and not unspaced(words[0][0]):
            continue
        stop = after(words[0], group, start)
        if stop is not None and follow(words[1:], group, stop):
            return True
    return False


def id_matches(asked: str, held: str) -> bool:
    """Return whether text fits any of the values, with wild cards."""
    return any(like(each.casefold(), held.casefold()) for each in asked.split("\\"))


def modality_matches(asked: str, held: str) -> bool:
    """Return whether a code fits any of the values, with wild cards."""
    return any(fnmatchcase(held, each.upper()) for each in asked.split(","))


@dataclass(frozen=True)
class Range:
    """A range of dates or times as given; a single value has both ends."""

    lower: str
    upper: str
    form: str


def range_of(asked: str) -> Range:
    """Return what a value of DA or TM asks for."""
    lower, dash, upper = asked.partition("-")
    if not dash:
        return Range(lower, lower, "single")
    return Range(lower, upper, f"{bool(lower)}-{bool(upper)}")


def instant(date: str, time: str) -> dt.datetime:
    """Return when a moment begins that is given as precisely as it is."""
    filled = time[:6].ljust(6, "0")
    fraction = float("0" + time[6:]) if time[6:] else 0.0
    moment = dt.datetime.fromisoformat(f"{date}T{filled}")
    return moment + dt.timedelta(seconds=fraction)


def end(date: str, time: str) -> dt.datetime:
    """Return when a moment is over that is given as precisely as it is."""
    long = {0: 86400.0, 2: 3600.0, 4: 60.0, 6: 1.0}.get(len(time), 0.1)
    return instant(date, time) + dt.timedelta(seconds=long)


def inside(moment: dt.datetime, dates: Range, times: Range) -> bool:
    """Return whether a moment lies in a range of moments."""
    return (not dates.lower or moment >= instant(dates.lower, times.lower)) and (
        not dates.upper or moment < end(dates.upper, times.upper)
    )


def when_matches(study: Study, date: str, time: str, offset: str) -> bool:
    """Return whether date and time are those asked for, in the query's time zone."""
    dates, times = range_of(date) if date else None, range_of(time) if time else None
    together = dates and times and dates.form == times.form
    if offset and study.offset and study.date and study.time:
        shift = minutes(offset) - minutes(study.offset)
        moment = instant(study.date, study.time) + dt.timedelta(minutes=shift)
    elif study.date and study.time:
        moment = instant(study.date, study.time)
    elif study.date and not times:
        moment = instant(study.date, "")
    elif study.time and not dates:
        moment = instant("20000101", study.time)
    else:
        return not dates and not times
    if dates and times and together:
        return inside(moment, dates, times)
    whole = Range("", "", "")
    if dates and not inside(moment, dates, whole):
        return False
    day = f"{moment:%Y%m%d}"
    return not times or inside(
        moment,
        Range(times.lower and day, times.upper and day, ""),
        times,
    )


def minutes(offset: str) -> int:
    """Return the minutes of an offset from UTC."""
    size = int(offset[1:3]) * 60 + int(offset[3:])
    return -size if offset[0] == "-" else size


def requests_match(series: Series, step: str, procedure: str) -> bool:
    """Return whether both keys hold in the same item."""
    return any(
        (not step or id_matches(step, held_step))
        and (not procedure or id_matches(procedure, held_procedure))
        for held_step, held_procedure in series.requests
    )


def sort_value(keyword: str, found: Found) -> tuple[bool, str | int]:
    """Return what results are sorted by; what has none is least."""
    values: dict[str, str | int | None] = {
        "StudyDate": found.study.date,
        "StudyTime": found.study.time,
        "PatientName": groups(found.study.name)[0],
        "PatientID": found.study.patient_id.casefold(),
        "SeriesNumber": found.series.number if found.series else None,
        "InstanceNumber": found.instance,
    }
    value = values[keyword]
    return (value is not None, 0 if value is None else value)


def in_order(results: Iterable[Found], sort: Sequence[str]) -> list[Found]:
    """Return results sorted by keywords, a minus before those that descend."""
    newest_first = not sort or sort[-1].startswith("-")
    ordered = sorted(results, key=lambda each: each.age, reverse=newest_first)
    for name in reversed(sort):
        keyword = name.removeprefix("-")
        ordered.sort(key=partial(sort_value, keyword), reverse=name.startswith("-"))
    return ordered


def name_by_pattern(asked: str, found: Found, fuzzy: bool) -> bool:
    """Return whether the patient's name fits; with wild cards never by words."""
    if fuzzy and "*" not in asked and "?" not in asked:
        return fuzzy_matches(asked, found.study.name)
    return name_matches(asked, found.study.name)


def name_to_the_letter(asked: str, found: Found, fuzzy: bool) -> bool:
    """Return whether the patient's name is the one asked for, or fits by words."""
    match = fuzzy_matches if fuzzy else name_equals
    return match(asked, found.study.name)


def numbered(asked: str, number: int | None) -> bool:
    """Return whether a number is among those asked for."""
    return number in [int(each) for each in asked.split(",")]


Match = Callable[[str, Found, bool], bool]
BY_PATTERN: Final[dict[str, Match]] = {
    "PatientName": name_by_pattern,
    "PatientID": lambda asked, found, _: id_matches(asked, found.study.patient_id),
    "ModalitiesInStudy": lambda asked, found, _: (
        asked == "*" or any(modality_matches(asked, held) for held in found.modalities)
    ),
    "Modality": lambda asked, found, _: modality_matches(
        asked, found.held_series.modality
    ),
    "SeriesNumber": lambda asked, found, _: numbered(asked, found.held_series.number),
    "InstanceNumber": lambda asked, found, _: numbered(asked, found.instance),
    "SOPInstanceUID": lambda asked, found, _: asked == found.uid,
}
LITERAL: Final[dict[str, Match]] = BY_PATTERN | {
    "PatientName": name_to_the_letter,
    "PatientID": lambda asked, found, _: (
        asked.casefold() == found.study.patient_id.casefold()
    ),
    "ModalitiesInStudy": lambda asked, found, _: asked.upper() in found.modalities,
    "Modality": lambda asked, found, _: asked.upper() == found.held_series.modality,
}


def words(text: str) -> list[str]:
    """Return what stands between ASCII characters that are no letters or digits."""
    parted = (" " if c.isascii() and not c.isalnum() else c for c in text)
    return "".join(parted).split(" ")


def spelt(text: str) -> list[str]:
    """Return the words of text as it is compared."""
    return words(unicodedata.normalize("NFKC", text).casefold())


def bare(text: str) -> list[str]:
    """Return the words of names as they are compared."""
    return words(unicodedata.normalize("NFKC", plain(text)))


def words_of_series(series: Series) -> set[str]:
    """Return the words of what is known of a series itself."""
    texts = [series.modality, f"Model {series.modality}", series.description]
    texts += [BODY_PARTS.get(series.modality, "")]
    texts += [text for request in series.requests for text in request]
    return {word for text in texts for word in spelt(text)} - {""}


def words_of_study(study: Study) -> set[str]:
    """Return the words of what is known of a study itself."""
    texts = [study.patient_id, study.description, study.date, study.date[:4]]
    names = {word for group in study.name.split("=") for word in bare(group)}
    return (names | {word for text in texts for word in spelt(text)}) - {""}


def words_stand_in(asked: str, found: Found) -> bool:
    """Return whether all words stand in a study with its series, or in one with it."""
    held = words_of_study(found.study)
    for series in found.study.series:
        if found.series in {None, series}:
            held |= words_of_series(series)
    pieces = asked.split()
    return all(
        _stands(piece, held, is_open=number == len(pieces) and asked[-1] != " ")
        for number, piece in enumerate(pieces, 1)
    )


def _stands(piece: str, held: set[str], *, is_open: bool) -> bool:
    """Return whether the words of a piece between blanks are held."""
    if re.fullmatch(r"\d{4}-\d\d(-\d\d)?\*?", piece):
        date = piece.replace("-", "").removesuffix("*")
        if len(date) == len("YYYYMMDD") and not (is_open or piece.endswith("*")):
            return date in held
        return any(each.startswith(date) for each in held)
    whole = piece[-1:].isascii() and not piece[-1:].isalnum() and piece[-1:] != "*"
    begins = piece.endswith("*") or (is_open and not whole)
    forms = list(zip(spelt(piece), bare(piece), strict=True))
    asked = [each for each in forms if each != ("", "")]
    for number, each in enumerate(asked, 1):
        by_beginning = begins and number == len(asked)
        if not any(
            word.startswith(each) if by_beginning else word in each for word in held
        ):
            return False
    return True
