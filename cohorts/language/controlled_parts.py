"""Reading parts of controlled English: attributes, numbers, concepts, windows."""

from typing import Any, Final

import orjson
from lark import Token, Transformer

from cohorts.language.wording import BOUNDS, DAYS

Json = Any

_SIDES: Final = {"before": "-", "after": ""}
_UNITS: Final = {"y": "Y", "m": "M", "d": "D"}
_WORDS: Final = {tuple(word.split()): name for name, word in BOUNDS.items()}
_DAYS: Final = {word: name for name, word in DAYS.items()}


def string_of(token: str) -> str:
    """Return what is written in quotes."""
    return str(orjson.loads(str(token)))


def together(items: list[Json]) -> Json:
    """Return members together; several attributes are one list."""
    found: Json = {}
    for each in items:
        for name, value in each.items():
            if name == "tags" and "tags" in found:
                found["tags"] = [*found["tags"], *value]
            else:
                found[name] = value
    return found


class Parts(Transformer[Token, Json]):
    """Makes JSON of parts of criteria; a method for each rule of the grammar."""

    # --- attributes and numbers ---------------------------------------------------

    def tag(self, items: list[Json]) -> Json:
        name, *rest = items
        found: Json = {"tag": str(name)}
        for at, each in enumerate(rest):
            if isinstance(each, dict):
                found.update(each)
            else:
                found["creator" if at == 0 and len(rest) > 1 else "unit"] = string_of(
                    each
                )
        return found

    def word(self, items: list[Json]) -> str:
        return _WORDS[tuple(map(str, items))]

    def compared(self, items: list[Json]) -> Json:
        return {items[0]: items[1]}

    def one_of(self, items: list[Json]) -> Json:
        return {"in": items}

    def contains(self, items: list[Json]) -> Json:
        return {"contains": string_of(items[0])}

    def present(self, _: list[Json]) -> Json:
        return {"exists": True}

    def absent(self, _: list[Json]) -> Json:
        return {"exists": False}

    def value(self, items: list[Json]) -> Json:
        return orjson.loads(str(items[0]))

    def number(self, items: list[Json]) -> Json:
        return orjson.loads(str(items[0]))

    def bounds(self, items: list[Json]) -> Json:
        return together([each for each in items if isinstance(each, dict)])

    def bound(self, items: list[Json]) -> Json:
        return {items[0]: orjson.loads(str(items[1]))}

    def dates(self, items: list[Json]) -> Json:
        return self.bounds(items)

    def date_bound(self, items: list[Json]) -> Json:
        return {_DAYS[str(items[0])]: str(items[1])}

    # --- concepts -----------------------------------------------------------------

    def text(self, items: list[Json]) -> Json:
        return {"text": string_of(items[0])}

    def set(self, items: list[Json]) -> Json:
        return {"set": string_of(items[0])}

    def codes(self, items: list[Json]) -> Json:
        return {"codes": items}

    def code(self, items: list[Json]) -> Json:
        code, system, *below = items
        more = {"descendants": True} if below else {}
        return {"system": string_of(system), "code": string_of(code), **more}

    def group(self, items: list[Json]) -> Json:
        if isinstance(items[-1], list):
            return {"anyOf": items[:-1], "not": items[-1]}
        return {"anyOf": items}

    def but(self, items: list[Json]) -> Json:
        return items

    # --- windows ------------------------------------------------------------------

    def last(self, items: list[Json]) -> Json:
        return {"last": items[0]}

    def during(self, items: list[Json]) -> Json:
        return {"during": str(items[0])}

    def since(self, items: list[Json]) -> Json:
        return {"from": items[0], "to": None}

    def until(self, items: list[Json]) -> Json:
        return {"from": None, "to": items[0]}

    def between(self, items: list[Json]) -> Json:
        return {"from": items[0], "to": items[1]}

    def near(self, items: list[Json]) -> Json:
        first, last, name, *end = items
        return {"near": str(name) + ".end" * bool(end), "from": first, "to": last}

    def day(self, items: list[Json]) -> str:
        return str(items[0])

    def now(self, _: list[Json]) -> str:
        return "P0D"

    def same_day(self, _: list[Json]) -> str:
        return "P0D"

    def open(self, _: list[Json]) -> None:
        return None

    def offset_of(self, items: list[Json]) -> str:
        return f"{_SIDES[items[1]]}{items[0]}"

    def span(self, items: list[Json]) -> str:
        pairs = zip(items[::2], items[1::2], strict=True)
        return "P" + "".join(f"{number}{_UNITS[unit[0]]}" for number, unit in pairs)
