"""Searches drawn from what resources hold, so that many of them find something."""

import random
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from fhirlink.definitions.parameters import Kind, Parameter, parameters_of
from fhirlink.search.moments import Interval
from fhirlink.search.parse import targets_of
from fhirlink.search.values import Amount, Link, Token, Value, values_of

Resource = Mapping[str, Any]
PREFIXES = ("", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb")
_ESCAPES = str.maketrans({each: f"\\{each}" for each in ",|$\\"})


class Drawing:
    """Draws searches over some resources."""

    def __init__(self, resources: Sequence[Resource], seed: int) -> None:
        self.random = random.Random(seed)
        self.by_type: dict[str, list[Resource]] = {}
        for each in resources:
            self.by_type.setdefault(each["resourceType"], []).append(each)

    def search(self) -> tuple[str, str]:
        """Return a type and a query string."""
        type_ = self.random.choice(sorted(self.by_type))
        number = self.random.choice([1, 1, 1, 2, 2, 3])
        pairs = [self._pair(type_, 0) for _ in range(number)]
        return type_, "&".join(f"{name}={quote(text)}" for name, text in pairs)

    def _pair(self, type_: str, depth: int) -> tuple[str, str]:
        kind = self.random.random()
        if depth < 2 and kind < 0.12 and (found := self._chain(type_, depth)):
            return found
        if depth < 2 and kind < 0.24 and (found := self._having(type_, depth)):
            return found
        resource = self.random.choice(self.by_type[type_])
        held = sorted(
            {
                (parameter.name, self._text(parameter, value))
                for parameter, value in values_of(resource)
                if parameter.name != "_lastUpdated"
            }
        )
        if not held or self.random.random() < 0.05:
            names = sorted({*parameters_of(type_)} - {"_lastUpdated"})
            name = self.random.choice(names)
            return f"{name}:missing", self.random.choice(["true", "false"])
        name, text = self.random.choice(held)
        return self._varied(parameters_of(type_)[name], text)

    def _chain(self, type_: str, depth: int) -> tuple[str, str] | None:
        links = [p for p in parameters_of(type_).values() if p.kind is Kind.REFERENCE]
        self.random.shuffle(links)
        for link in links:
            targets = [t for t in targets_of(link) if t in self.by_type]
            if targets:
                target = self.random.choice(targets)
                name, text = self._pair(target, depth + 1)
                return f"{link.name}:{target}.{name}", text
        return None

    def _having(self, type_: str, depth: int) -> tuple[str, str] | None:
        found = [
            (other, each.name)
            for other in sorted(self.by_type)
            for each in parameters_of(other).values()
            if each.kind is Kind.REFERENCE and {type_, "*"} & {*each.target}
        ]
        if not found:
            return None
        other, link = self.random.choice(found)
        name, text = self._pair(other, depth + 1)
        return f"_has:{other}:{link}:{name}", text

    def _varied(self, parameter: Parameter, text: str) -> tuple[str, str]:
        """Return a parameter with a modifier or prefix, and perhaps more values."""
        draw = self.random.random()
        modifier = ""
        match parameter.kind:
            case Kind.TOKEN:
                modifier, text = self._token(text, draw)
            case Kind.STRING:
                modifier, text = self._string(text, draw)
            case Kind.DATE | Kind.QUANTITY | Kind.NUMBER:
                text = self.random.choice(PREFIXES) + text
            case Kind.URI if draw < 0.5:
                modifier, text = ":below", text[: self.random.randint(1, len(text))]
            case Kind.COMPOSITE if draw < 0.5:
                first, _, last = text.rpartition("$")
                if last[:1].isdigit():
                    text = f"{first}${self.random.choice(PREFIXES)}{last}"
        return parameter.name + modifier, text

    def _token(self, text: str, draw: float) -> tuple[str, str]:
        if 0.2 < draw < 0.4 and "|" in text:
            system, _, code = text.rpartition("|")
            text = self.random.choice([f"{system}|", code])
        if self.random.random() < 0.2:
            text = f"{text},{text[:-1] or 'x'}1"
        return (":not" if draw < 0.2 else ""), text

    def _string(self, text: str, draw: float) -> tuple[str, str]:
        if draw < 0.3:
            return ":exact", text
        if draw < 0.6:
            return ":contains", text[len(text) // 3 :] or text
        text = text[: self.random.randint(1, len(text))].rstrip("\\") or text
        return "", self.random.choice([text.upper(), text.lower(), text])

    def _text(self, parameter: Parameter, value: Value) -> str:
        """Return a value as a search writes it."""
        if isinstance(value, Token):
            if not value.code:
                return (value.text or value.system).translate(_ESCAPES)
            parts = [value.system, value.code] if value.system else [value.code]
            return "|".join(each.translate(_ESCAPES) for each in parts)
        if isinstance(value, Link):
            address = value.url or f"{value.type}/{value.fhir_id}"
            if not (value.url or value.fhir_id) and value.identifier:
                return value.identifier.code.translate(_ESCAPES)
            return address.translate(_ESCAPES)
        if isinstance(value, Amount):
            return self._number(value)
        if isinstance(value, Interval):
            first = value.first or value.end
            assert first is not None
            length = self.random.choice([4, 7, 10, 19])
            return first.isoformat()[:length] + ("Z" if length > 10 else "")
        if isinstance(value, str):
            return value.translate(_ESCAPES) or "x"
        kinds = [part.kind for part in parameter.groups[0].parts]
        parts = [
            self._text(Parameter(parameter.name, kind), each)
            for kind, each in zip(kinds, value, strict=True)
        ]
        return "$".join(parts)

    def _number(self, value: Amount) -> str:
        number = value.low if value.low is not None else value.high
        assert number is not None
        number += self.random.choice([0, 0, 1, -1])
        code = value.code or value.unit
        unit = self.random.choice(["", f"|{value.system}|{code}", f"||{code}"])
        return f"{number:f}{unit if code else ''}"
