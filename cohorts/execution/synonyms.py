"""What plain words are called in records: the door to the tables of `cohorts.language`.

These tables say what people say of a thing; here only what is safe to look for in
records is taken of them. Short names are not (``MI``), nor what says less than the name
does: whoever asks for diabetes mellitus does not mean diabetes insipidus.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib import import_module
from typing import Final

from cohorts.execution.words import words_of

_TABLES: Final = {
    "condition_table": ("CONDITIONS",),
    "medication_table": ("MEDICATIONS",),
    "observation_table": ("OBSERVATIONS",),
    "procedure_table": ("PROCEDURES",),
    "imaging_table": ("BODY_PARTS",),
    "other_table": ("ALLERGIES", "IMMUNIZATIONS", "DEVICES", "SPECIMENS"),
}
_BODY: Final = "imaging_table"
_OF_BODY: Final = 6  # letters of a word for a part of the body
_LONG: Final = 9  # letters of a word that can be nothing else
_ADJECTIVE: Final = re.compile(r"(ive|ic|al|ous)$")
_CANCER: Final = re.compile(r"(?:(.+) (?:cancer|carcinoma)|cancer of (?:the )?(.+))")
_MALIGNANT: Final = (
    *("malignant neoplasm of {0}", "malignant tumor of {0}", "malignant tumour of {0}"),
    *("cancer of {0}", "carcinoma of {0}", "malignant neoplasm of the {0}"),
)


@lru_cache(maxsize=4096)
def meanings_of(text: str) -> tuple[str, ...]:
    """Return a text and what else it is called, each of which is looked for."""
    words = " ".join(words_of(text))
    names = _names().get(words, ())
    found = [text, *names[:1], *(e for e in names[1:] if _is_safe(e, names[0]))]
    for each in list(found):
        if organ := _CANCER.fullmatch(" ".join(words_of(each))):
            found.extend(form.format(organ[1] or organ[2]) for form in _MALIGNANT)
    return tuple(dict.fromkeys(found))


def _is_safe(alias: str, name: str) -> bool:
    words = words_of(alias)
    if set(words) < set(words_of(name)):
        return False
    if len(words) > 1:
        return True
    if name in _parts_of_body():
        return len(alias) >= _OF_BODY
    return len(alias) >= _LONG and not _ADJECTIVE.search(alias)


@cache
def _parts_of_body() -> frozenset[str]:
    lines = _lines({_BODY: _TABLES[_BODY]})
    return frozenset(line.partition("|")[0].strip() for line in lines)


@cache
def _names() -> Mapping[str, tuple[str, ...]]:
    """Return all that a thing is called, its name first, by each of these."""
    found: dict[str, tuple[str, ...]] = {}
    for line in _lines(_TABLES):
        names = tuple(each.strip() for each in line.split("|") if each.strip())
        for each in names:
            found.setdefault(" ".join(words_of(each)), names)
    return found


def _lines(tables_of: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for module, tables in tables_of.items():
        try:
            held = import_module(f"cohorts.language.{module}")
        except ModuleNotFoundError:
            continue
        for table in tables:
            yield from str(getattr(held, table, "")).strip().splitlines()
