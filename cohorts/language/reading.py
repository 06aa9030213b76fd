"""From phrases to criteria: groups, what is denied, what windows belong to."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from cohorts.language import reports
from cohorts.language.attributes import read_attribute
from cohorts.language.drafts import Draft, Group, Node, Person, joined, merged
from cohorts.language.items import Item
from cohorts.language.nouns import Noun, noun_at
from cohorts.language.numbers import TIMES
from cohorts.language.outputs import outputs_at, wants_output
from cohorts.language.relations import Relation
from cohorts.language.state import State

Json = dict[str, Any]
_SEARCHES: Final = frozenset("with have has had having where got".split())
_MEDICAL: Final = ("on", "taking", "take", "receiving", "receive", "prescribed")
_JOINTS: Final = frozenset({"and", "or", "comma", "but", "open"})
_OLDEST: Final = 125  # years
_NOT_AGED: Final = frozenset("study modality exam report events tag instances".split())
_HEIGHTS: Final = {
    "taller": "body height",
    "shorter": "body height",
    "heavier": "body weight",
    "lighter": "body weight",
    "weighing": "body weight",
}


class Reader:
    """Reads the criteria of one kind of people, from an item to another."""

    def __init__(self, state: State, end: int) -> None:
        self.state = state
        self.end = end
        self.elements: list[Node | str] = []
        self.outputs: list[Json] = []
        self.output_drafts: list[Draft] = []
        self.last: list[Draft] = []
        self.before: list[Draft] = []
        self.death: Person | None = None
        self.slot = ""
        self.denial = ""
        self._age: tuple[Person, int] | None = None
        self._window: Item | None = None
        self._denying: Item | None = None
        self._is_fresh = True
        self._relation: tuple[Relation, list[Draft]] | None = None

    # --- the walk -----------------------------------------------------------------

    def read(self, at: int) -> Node | None:
        """Return the criteria; nothing where nothing was understood."""
        while at < self.end:
            item = self.state.items[at]
            handler = _HANDLERS.get(item.kind, Reader._noun)
            after = handler(self, at, item)
            at = max(after, at + 1)
        if self._window is not None:
            self.state.refuse(self._window)
        self._end_denial()
        return tree(self.elements)

    def used(self, start: int, end: int) -> int:
        """Mark items as read; return where they end."""
        self.state.use(range(start, end))
        return end

    # --- joints -------------------------------------------------------------------

    def _open(self, at: int, item: Item) -> int:
        words = self.state.said(item).split()
        if words[0] == "with" and self._skips_to("maker", at):
            return reports.read_maker(self, at)
        self._part()
        self.slot = "any" if set(words) & _SEARCHES else ""
        return self.used(at, at + 1)

    def _part(self) -> None:
        """Begin a new group; what was denied before, is not any more."""
        self._is_fresh = True
        if self._has_atoms():
            self.denial = ""
            self._end_denial()
            self.elements.append("open")

    def _end_denial(self) -> None:
        """Tell of a denial that denied nothing."""
        if self._denying is not None:
            self.state.refuse(self._denying)
        self._denying = None

    def _has_atoms(self) -> bool:
        """Tell whether something was read since the last group began."""
        for each in reversed(self.elements):
            if each == "open":
                return False
            if not isinstance(each, str):
                return True
        return False

    def _slot(self, at: int, item: Item) -> int:
        if item.value == "medication" and self._skips_to("maker", at):
            return reports.read_maker(self, at)
        self._part()
        self.slot = str(item.value)
        return self.used(at, at + 1)

    def _skips_to(self, kind: str, at: int) -> bool:
        """Tell whether an image was named, and its maker follows."""
        if not (self.last and self.last[-1].type == "imaging"):
            return False
        step = at + 1
        while self.state.kind(step) in {"stop", "prep", "open"}:
            step += 1
        return self.state.kind(step) == kind

    def _joint(self, at: int, item: Item) -> int:
        kind = "and" if item.kind == "nor" else item.kind
        if self.denial == "neither" and item.kind != "nor":
            if not self._nor_follows(at) and self._has_atoms():
                self._part()
        elif self.denial == "not" and self._ends_denial(at, item):
            self._part()
        if kind == "or" and self.denial and self._stays_denied(at + 1):
            kind = "and"
        if kind == "but":
            self._part()
        elif self.elements:
            self.elements.append(kind)
        self._is_fresh = True
        return self.used(at, at + 1)

    def _stays_denied(self, at: int) -> bool:
        """Tell whether what comes after "or" is denied, too: no A or B."""
        return self.state.kind(at) not in {"open", "slot", "not", "dead", "alive"}

    def _nor_follows(self, at: int) -> bool:
        for step in range(at, self.end):
            kind = self.state.kind(step)
            if kind == "nor":
                return True
            if kind in {"open", "but", "slot"}:
                return False
        return False

    def _ends_denial(self, at: int, item: Item) -> bool:
        """Tell whether what comes after a comma or an "and" is not denied any more."""
        if item.kind == "or":
            return False
        after = self.state.kind(at + 1)
        if after in {"compare", "age", "either", "not", "person", "dead", "alive"}:
            return True
        return item.kind == "and" and self._says(at + 1) in {"a", "an"}

    def _says(self, at: int) -> str:
        item = self.state.item(at)
        return self.state.said(item) if item else ""

    def _not(self, at: int, item: Item) -> int:
        words = self.state.said(item).split()
        step = at + 1
        while self.state.kind(step) in {"stop", "both", "either"}:
            step += 1
        after = self.state.kind(step)
        if self.last and (after == "mention" or self._denies_text(step)):
            return reports.read_text(self, step, is_denied=True, start=at)
        if after == "dead":
            self._add(Person({"deceased": False}))
            return self.used(at, step + 1)
        if self._has_atoms():
            self._part()
        self._end_denial()
        self.denial, self._denying = "not", item
        self.slot = "medication" if words[-1] in _MEDICAL else "any"
        if words == ["not"] and self._follows_who(at):
            self.slot = ""
        self._is_fresh = True
        return self.used(at, at + 1)

    def _follows_who(self, at: int) -> bool:
        """Tell whether it is said of what people are or do, not of what they have."""
        step = at - 1
        while self.state.kind(step) == "stop":
            step -= 1
        return self._says(step) in {"who", "that", "which"}

    def _denies_text(self, at: int) -> bool:
        last = self.last[-1]
        return last.is_report and self.state.kind(at) == "quoted"

    def _neither(self, at: int, item: Item) -> int:
        if self.state.kind(at - 1) == "mention":
            return reports.read_text(self, at + 1, is_denied=True, start=at)
        self._part()
        self.denial, self._denying = "neither", item
        self.slot = self.slot or "any"
        return self.used(at, at + 1)

    def _skip(self, at: int, item: Item) -> int:
        is_asked = self._says(at) in {"what", "which"} and bool(self.elements)
        if is_asked and wants_output(self.state, at, is_first=False):
            return self._outputs(at, item)
        return self.used(at, at + 1)

    # --- atoms --------------------------------------------------------------------

    def _add(self, node: Node) -> None:
        is_event = isinstance(node, Draft)
        self._denying, self._is_fresh = None, False
        if self.denial and not isinstance(node, Person):
            members = node.members if isinstance(node, Group) else [node]
            if isinstance(node, Group) and node.kind == "any":
                node = Group("all", [Group("not", [each]) for each in members])
            else:
                node = Group("not", [node])
        elif self.denial and isinstance(node, Person):
            node = Group("not", [node])
        self.elements.append(node)
        if not is_event and not isinstance(node, Group):
            self.last = self.last if isinstance(node, Person) else []

    def add_noun(self, noun: Noun) -> None:
        """Take events that were read, with the window that waits for one."""
        drafts: list[Node] = list(noun.drafts)
        self.before, self.last = self.last or self.before, noun.drafts
        self.death = None
        if self._window is not None:
            for each in noun.drafts:
                each.members["when"] = self._window.value.when
            self._window = None
        if self._relation is not None:
            relation, anchors = self._relation
            self._relation = None
            self._relate(relation, anchors, noun.drafts)
        self._add(joined("any", drafts))

    def _noun(self, at: int, item: Item) -> int:
        if wants_output(self.state, at, is_first=not self.elements):
            return self._outputs(at, item)
        if item.kind == "code" and self._is_nameless():
            return self._code(at)
        if item.kind == "report" and self._is_of_images(at):
            for each in self.last:
                each.is_report = True
            return self.used(at, at + 1)
        noun = noun_at(self.state, at, self.slot if self._is_fresh else "")
        if noun is None or noun.end > self.end:
            return at + 1
        self.add_noun(noun)
        return noun.end

    def _is_of_images(self, at: int) -> bool:
        """Tell whether "whose report" is that of the images before."""
        step = at - 1
        while self.state.kind(step) == "stop" or self._says(step) == "their":
            step -= 1
        return self._is_image() and self.state.kind(step) == "open"

    def _is_nameless(self) -> bool:
        """Tell whether events of a kind were named that a code may belong to."""
        last = self.last[-1] if self.last else None
        return last is not None and last.type != "imaging" and (
            "code" not in last.members and self.state.kind(last.at) != "code"
        )

    def _code(self, at: int) -> int:
        last = self.last[-1]
        noun = noun_at(self.state, at, last.type)
        if noun is None:
            return at + 1
        last.members.update(noun.drafts[0].members)
        return noun.end

    def _outputs(self, at: int, item: Item) -> int:
        if item.kind in {"command", "count"} and not self.elements:
            return self.used(at, at + 1)
        found = outputs_at(self.state, at, self.end)
        if found is None:
            return self._noun(at, item) if item.kind not in _HANDLERS else at + 1
        while self.elements and self.elements[-1] in _JOINTS:
            self.elements.pop()
        self.outputs.extend(found.outputs)
        self.output_drafts.extend(found.drafts)
        return found.end

    def _their(self, at: int, item: Item) -> int:
        if wants_output(self.state, at, is_first=False):
            return self._outputs(at, item)
        return self.used(at, at + 1)

    def _person(self, at: int, item: Item) -> int:
        entry = item.entries[0]
        if entry.kind == "age":
            self._add(Person(_group_of_age(entry.more)))
        elif entry.name:
            self._add(Person({"gender": entry.name}))
        self.slot = self.slot or ""
        return self.used(at, at + 1)

    def _dead(self, at: int, item: Item) -> int:
        self._part_before_verb()
        person = Person({"deceased": item.kind == "dead"})
        self._add(person)
        self.death, self.last = person if item.kind == "dead" else None, []
        return self.used(at, at + 1)

    def _part_before_verb(self) -> None:
        if self.elements and self.elements[-1] not in _JOINTS:
            self._part()

    def _born(self, at: int, item: Item) -> int:
        step = at + 1
        window = self.state.item(step)
        if window is None or window.kind != "when":
            return at + 1
        when, word = window.value.when, self._says(step).split()[0]
        if "last" in when:
            return at + 1
        birth = {}
        if when["from"]:
            birth["gte"] = when["from"]
        if when["to"]:
            birth["lte"] = when["to"]
        birth = _as_written(birth, word)
        self._add(Person({"birth": birth}))
        return self.used(at, step + 1)

    def _place(self, at: int, item: Item) -> int:
        step = at + 1
        while self.state.kind(step) in {"stop", "prep", "mark"}:
            step += 1
        name = self.state.item(step)
        if name is None or name.kind not in {"quoted", "word"}:
            return at + 1
        text = name.value if name.kind == "quoted" else self.state.said(name)
        self._add(Person({item.kind: " ".join(str(text).casefold().split())}))
        return self.used(at, step + 1)

    def _smoke(self, at: int, item: Item) -> int:
        value = {
            "smoke": "smoker",
            "unsmoke": "smoker",
            "neversmoke": "never smoker",
            "exsmoke": "former smoker",
        }[item.kind]
        draft = Draft("observation", {"code": {"text": "tobacco smoking status"}})
        draft.members["value"] = {"text": value}
        is_never = item.kind == "unsmoke" and not self.denial
        self._add(Group("not", [draft]) if is_never else draft)
        self.last = [draft]
        return self.used(at, at + 1)

    def _weighing(self, at: int, item: Item) -> int:
        self._part_before_verb()
        draft = Draft("observation", {"code": {"text": "body weight"}}, at=item.start)
        self.add_noun(Noun([draft], at + 1))
        return self.used(at, at + 1)

    def _list(self, at: int, item: Item) -> int:
        """Read "any of A, B or C", "at least two of A, B and C"."""
        step = at + 1
        nodes: list[Node] = []
        while step < self.end:
            kind = self.state.kind(step)
            if kind in {"stop", "comma", "and", "or", "mark", "prep", "person"}:
                step += 1
                continue
            noun = noun_at(self.state, step, self.slot or "any")
            if noun is None:
                break
            nodes.append(joined("any", noun.drafts))
            self.last = noun.drafts
            step = noun.end
        if not nodes:
            return at + 1
        if item.kind == "compare":
            group = Group("atleast", nodes, n=int(item.value.bounds["gte"]))
        else:
            group = Group("all" if item.kind == "allof" else "any", nodes)
        self._add(group)
        return self.used(at, step)

    # --- ages and numbers ---------------------------------------------------------

    def _aged(self, at: int, item: Item) -> int:
        found = item.value
        if self.state.kind(at - 1) == "dead":
            self.state.refuse(item)  # the age at death cannot be asked
            return at + 1
        if found.is_at_event and self.last:
            for each in self.last:
                each.members["age"] = dict(found.bounds)
            return self.used(at, at + 1)
        self._age_now(found.bounds, item)
        return self.used(at, at + 1)

    def _age_now(self, bounds: Json, item: Item) -> None:
        person = Person({"age": {**bounds, "at": "now"}})
        self._part_before_verb() if self.denial else None
        self.elements.append(
            Group("not", [person]) if self.denial and not self._has_atoms() else person
        )
        self._age = (person, item.start)

    def _at_time(self, at: int, item: Item) -> int:
        """Read "at the time of a stroke": the age before it is that at the event."""
        noun = self._anchor(at + 1, item)
        if self._age is None or noun is None:
            return at + 1
        person, _ = self._age
        self._age = None
        bounds = {k: v for k, v in person.members["age"].items() if k != "at"}
        self.elements = [each for each in self.elements if each is not person]
        drafts = noun.drafts
        for each in drafts:
            each.members["age"] = bounds
        if not any(each in self.last or each in self._all() for each in drafts):
            self.add_noun(noun)
        return self.used(at, max(noun.end, at + 1))

    def _all(self) -> list[Draft]:
        return [*self.before, *self.last]

    def _compare(self, at: int, item: Item) -> int:
        bounds, unit = item.value.bounds, item.value.unit
        if set(bounds) == {"gte"} and self._says(at + 1).startswith("of"):
            return self._list(at, item)
        if self.state.kind(at + 1) == "instances" and self._is_image():
            for each in self.last:
                each.members["instances"] = dict(bounds)
            return self.used(at, at + 2)
        if self.state.kind(at + 1) == "tag":
            return read_attribute(self, at + 1, self.state.items[at + 1], before=item)
        if self._is_of_times(at, item):
            for each in self.last:
                each.members["count"] = dict(bounds)
            return self.used(at, at + 1 + (self._says(at + 1) == "times"))
        if not unit:
            noun = noun_at(self.state, at, self.slot)
            if noun is not None and not self._wants_value():
                self.add_noun(noun)
                return noun.end
        return self._value(at, item, bounds, unit)

    def _is_of_times(self, at: int, item: Item) -> bool:
        """Tell whether it is said how often: at least twice, more than 3 times."""
        word = self.state.scene.tokens[item.end - 1].low
        is_told = word in TIMES or self._says(at + 1) == "times"
        return bool(self.last) and is_told and "count" not in self.last[-1].members

    def _times(self, at: int, item: Item) -> int:
        if not self.last or "count" in self.last[-1].members:
            return self._noun(at, item)
        number = TIMES.get(self._says(at).split()[0], 3)
        for each in self.last:
            each.members["count"] = {"gte": number}
        return self.used(at, at + 1)

    def _is_image(self) -> bool:
        return bool(self.last) and self.last[-1].type == "imaging"

    def _wants_value(self) -> bool:
        last = self.last[-1] if self.last else None
        return (
            last is not None
            and last.type == "observation"
            and "value" not in last.members
            and "code" in last.members
        )

    def _value(self, at: int, item: Item, bounds: Json, unit: str) -> int:
        if self._wants_value():
            for each in self.last:
                each.members["value"] = {**bounds, **({"unit": unit} if unit else {})}
            return self.used(at, at + 1)
        words = set(self._says(at).split())
        name = next((_HEIGHTS[each] for each in words if each in _HEIGHTS), "")
        if not name and unit in {"kg", "[lb_av]"}:
            name = "body weight"
        if name:
            draft = Draft("observation", {"code": {"text": name}}, at=item.start)
            draft.members["value"] = {**bounds, **({"unit": unit} if unit else {})}
            self.add_noun(Noun([draft], at + 1))
            return self.used(at, at + 1)
        is_age = set(bounds) != {"eq"} and max(bounds.values()) <= _OLDEST
        if unit or not is_age or self.state.kind(at - 1) in _NOT_AGED:
            return at + 1
        self._age_now(bounds, item)
        return self.used(at, at + 1)

    def _number(self, at: int, item: Item) -> int:
        number, unit = item.value
        if self.state.kind(at + 1) == "tag":
            return read_attribute(self, at + 1, self.state.items[at + 1], before=item)
        if unit == "T" and self._is_image():
            tag = {"tag": "MagneticFieldStrength", "eq": number, "unit": "T"}
            for each in self.last:
                reports.add_tag(each, tag)
            return self.used(at, at + 1)
        if self._wants_value() and self.state.kind(at - 1) in {
            *("prep", "stop", "concept", "code", "weighing"),
        }:
            return self._value(at, item, {"eq": number}, unit)
        return self._noun(at, item)

    # --- windows ------------------------------------------------------------------

    def _when(self, at: int, item: Item) -> int:
        when = dict(item.value.when)
        if item.value.rolling == "year":
            self._rolling_year(when, item)
        if self.death is not None:
            self.death.members["deceased"] = {"when": when}
            return self.used(at, at + 1)
        if not self.last:
            if self.output_drafts and not self.elements:
                return at + 1
            self._window = replace(item, value=item.value._replace(when=when))
            return self.used(at, at + 1)
        if any("when" in each.members or each.anchor for each in self.last):
            return at + 1
        for each in self._window_drafts(item):
            each.members["when"] = when
        return self.used(at, at + 1)

    def _window_drafts(self, item: Item) -> list[Draft]:
        """Return the events that a window belongs to: the nearest, left of it."""
        if self.denial == "neither":
            return [
                each
                for each in self._known()
                if each.type == self.last[-1].type and "when" not in each.members
            ]
        others = [
            each
            for each in self.before
            if each not in self.last and "when" not in each.members and not each.anchor
        ]
        if not others:
            return self.last
        near, far = _name_of(self.last[-1]), _name_of(others[-1])
        is_other = self.state.choose(
            f"window@{item.start}",
            f"“{self.state.said(item)}” is said of {near}",
            f"it is said of {far}, too",
        )
        return [*self.last, *others] if is_other else self.last

    def _rolling_year(self, when: Json, item: Item) -> None:
        year = self.state.scene.today.year - 1
        if self.state.choose(
            f"year@{item.start}",
            f"“{self.state.said(item)}” is the twelve months until now",
            f"it is the year {year}",
        ):
            when.clear()
            when.update({"from": f"{year}-01-01", "to": f"{year}-12-31"})

    def _rel(self, at: int, item: Item) -> int:
        relation: Relation = item.value
        if relation.ask:
            self.state.ask(item, relation.ask, _exactly(relation))
        if relation.kind == "then":
            return self._then(at, relation, self.last)
        if relation.kind == "back":
            return self._back(at, item, relation)
        noun = self._anchor(at + 1, item)
        if noun is None or len(noun.drafts) != 1:
            return at + 1
        self._around(relation, noun.drafts[0], item)
        return self.used(at, max(noun.end, at + 1))

    def _around(self, relation: Relation, anchor: Draft, item: Item) -> None:
        """Let what was read last lie around an event."""
        if relation.is_within and self.state.choose(
            f"within@{item.start}",
            f"“{self.state.said(item)}” is after it",
            "it may be before it, too",
        ):
            relation = relation._replace(first=f"-{relation.last}")
        is_known = anchor in self._known()
        if self.death is not None:
            self.death.members.pop("deceased", None)
            self.death.anchor = anchor
            self.death.first, self.death.last = relation.first, relation.last
            targets: list[Draft] = []
        else:
            targets = self.last
        if targets:
            copies = self._relate(relation, [anchor], targets)
            self._wrap(targets, [] if is_known else [anchor], copies)
        elif self.death is not None and not is_known:
            self._wrap_person(self.death, anchor)
        elif self.death is None:
            self._relation = (relation, [anchor])
            self.elements.append(anchor)
        self.before, self.last = targets or self.before, [anchor]
        self.death = None

    def _wrap_person(self, person: Person, anchor: Draft) -> None:
        self.elements = [
            Group("all", [anchor, person]) if each is person else each
            for each in self.elements
        ]

    def _wrap(
        self, targets: list[Draft], anchors: list[Draft], copies: list[Draft]
    ) -> None:
        """Put an event before what lies around it."""
        if not (anchors or copies):
            return
        ids = {id(each) for each in targets}
        for at, each in enumerate(self.elements):
            if not isinstance(each, str) and any(
                id(e) in ids for e in _drafts(each)
            ):
                self.elements[at] = joined("all", [*anchors, each, *copies])
                return

    def _relate(
        self, relation: Relation, anchors: list[Draft], targets: list[Draft]
    ) -> list[Draft]:
        """Give events their window; return others that were made for "and after"."""
        copies = []
        for each in targets:
            if "when" in each.members:
                continue
            each.anchor = anchors[-1] if anchors else None
            each.first, each.last = relation.first, relation.last
            each.is_during = relation.kind == "during"
            if relation.is_both:
                each.first, each.last = "", "P0D"
                copies.append(replace(each, first="P0D", last=""))
        return copies

    def _known(self) -> list[Draft]:
        return [
            draft
            for each in self.elements
            if not isinstance(each, str)
            for draft in _drafts(each)
        ]

    def _then(self, at: int, relation: Relation, anchors: list[Draft]) -> int:
        if len(anchors) != 1:
            return at + 1
        if relation.first == "":
            self._relation = (relation, anchors)
        else:
            self._relation = (relation, anchors)
        if self.elements and self.elements[-1] not in _JOINTS:
            self.elements.append("and")
        self.slot = "any"
        return self.used(at, at + 1)

    def _back(self, at: int, item: Item, relation: Relation) -> int:
        """Read "afterwards", "within 2 months" beside what was named before."""
        word = self._says(at).split()[0]
        last = self.last[-1] if self.last else None
        if last is not None and last.anchor is not None and relation.last:
            for each in self.last:
                each.first, each.last = relation.first, relation.last
            return self.used(at, at + 1)
        follows_noun = self.state.kind(at - 1) not in {*_JOINTS, "stop", "slot"}
        is_forward = word in {"then", "subsequent", "and"} or not follows_noun
        if is_forward and last is not None:
            return self._then(at, relation, self.last)
        anchors = [each for each in self.before if each not in self.last]
        if last is None or len(anchors) != 1:
            return at + 1
        self._relate(relation, anchors, self.last)
        return self.used(at, at + 1)

    def _anchor(self, at: int, item: Item) -> Noun | None:
        """Return the event that another lies around: a new one, or one before."""
        step = at
        while self.state.kind(step) in {"stop", "their"}:
            step += 1
        words = self._says(at - 1)
        is_diagnosis = self._is_bare(step, "condition")
        if "diagnos" in words and not is_diagnosis:
            known = self._known_of("condition")
            if known is not None and not self._is_noun(step):
                return Noun([known], at)
        if is_diagnosis:
            known = self._known_of("condition")
            if known is not None:
                return Noun([known], self.used(step, step + 1))
        noun = noun_at(self.state, at, "any")
        if noun is None or noun.end > self.end:
            return None
        self._is_fresh = False
        same = [
            each
            for each in self._known()
            if len(noun.drafts) == 1
            and each.type == noun.drafts[0].type
            and each.members.get("code") == noun.drafts[0].members.get("code")
            and each.type != "imaging"
            and each not in self.last
        ]
        return Noun(same[-1:], noun.end) if same else noun

    def _is_noun(self, at: int) -> bool:
        return self.state.kind(at) in {
            *("concept", "word", "modality", "exam", "study", "body", "events"),
            *("habit", "code", "stage", "poly", "slot", "first", "last", "report"),
        }

    def _is_bare(self, at: int, kind: str) -> bool:
        item = self.state.item(at)
        return item is not None and item.kind == "events" and item.value == kind

    def _known_of(self, kind: str) -> Draft | None:
        known = [each for each in self._known() if each.type == kind]
        return known[-1] if known else None

    # --- what is asked ------------------------------------------------------------

    def _ask(self, at: int, item: Item) -> int:
        self.state.ask(item, *item.value)
        return self.used(at, at + 1)

    def _attribute(self, at: int, item: Item) -> int:
        return read_attribute(self, at, item)

    def _mention(self, at: int, item: Item) -> int:
        return reports.read_text(self, at, is_denied=False, start=at)

    def _contrast(self, at: int, item: Item) -> int:
        if not self._is_image():
            return self._noun(at, item)
        for each in self.last:
            exists = item.kind == "contrast"
            reports.add_tag(each, {"tag": "ContrastBolusAgent", "exists": exists})
        return self.used(at, at + 1)

    def _start(self, at: int, item: Item) -> int:
        """Read "metformin started before 2015": the first of it."""
        is_after = self.state.kind(at + 1) in {"when", "rel"}
        if self.last and is_after and self.state.kind(at - 1) not in _JOINTS:
            for each in self.last:
                each.members["pick"] = "first"
            return self.used(at, at + 1)
        return self._noun(at, item)

    def _of_modality(self, at: int, item: Item) -> int:
        """Read "studies with modality CT", "with body part chest"."""
        name = self.state.item(at + 1)
        kind = "modality" if item.kind == "ofmodality" else "body"
        if name is None or name.kind != kind or not self._is_image():
            return at + 1
        for each in self.last:
            value = str(name.value)
            if kind == "body":
                each.members.setdefault("body", {"text": value})
            else:
                each.members.setdefault("modality", value.split())
        return self.used(at, at + 2)

    def _below(self, at: int, item: Item) -> int:
        codes = [
            code
            for each in self.last
            for code in each.members.get("code", {}).get("codes", ())
        ]
        for each in codes:
            each["descendants"] = True
        return self.used(at, at + 1) if codes else at + 1

    def _prep(self, at: int, item: Item) -> int:
        if self._skips_to("maker", at):
            return reports.read_maker(self, at)
        if self._is_image() and self._skips_to("body", at):
            return reports.read_body(self, at)
        is_for = self.state.said(item) == "for"
        self.slot = "any" if is_for and self.slot in {"medication", "procedure"} else (
            self.slot
        )
        if is_for and self.last:
            self._part()
        return self.used(at, at + 1)

    def _maker(self, at: int, item: Item) -> int:
        if self._is_image() and self.state.kind(at + 1) == "machine":
            return reports.read_maker(self, at - 1)
        return self._noun(at, item)


def _exactly(relation: Relation) -> tuple[str, ...]:
    span = (relation.first or relation.last).lstrip("-")
    span = relation.last if span == "P0D" else span
    return (f"within {span.lstrip('-')}", f"at least {span.lstrip('-')}")


def _as_written(birth: Json, word: str) -> Json:
    """Return days of birth with the bound that was written: before, after."""
    from datetime import date, timedelta  # noqa: PLC0415

    step = timedelta(days=1)
    if set(birth) == {"lte"} and word in {"before", "prior", "earlier"}:
        return {"lt": (date.fromisoformat(birth["lte"]) + step).isoformat()}
    if set(birth) == {"gte"} and word in {"after", "later"}:
        return {"gt": (date.fromisoformat(birth["gte"]) - step).isoformat()}
    return birth


def _group_of_age(more: str) -> Json:
    first, last, *gender = more.split()
    age: Json = {}
    if last not in {"0", "17"}:
        age = {"gte": int(first), "lte": int(last)}
    elif last == "17":
        age = {"lt": 18}
    else:
        age = {"gte": int(first)} if first != "0" else {"lt": 1}
    found: Json = {"age": {**age, "at": "now"}}
    if gender:
        found["gender"] = gender[0]
    return found


def _name_of(draft: Draft) -> str:
    code = draft.members.get("code", {})
    words = [*draft.members.get("modality", ()), code.get("text", "")]
    return " ".join(each for each in words if each) or draft.type


def _drafts(node: Node) -> list[Draft]:
    if isinstance(node, Group):
        return [draft for each in node.members for draft in _drafts(each)]
    return [node] if isinstance(node, Draft) else []


# --- from elements to a tree --------------------------------------------------------


def tree(elements: list[Node | str]) -> Node | None:
    """Return groups joined: "and" binds before "or", "or" before what just follows."""
    groups: list[tuple[str, Node]] = []
    joint, atoms = "", []
    for each in [*elements, "open"]:
        if each != "open":
            atoms.append(each)
            continue
        lead, inner, trail = _trimmed(atoms)
        node = _coordinated(inner)
        if node is not None:
            groups.append((joint or lead, node))
            joint = trail
        else:
            joint = joint or lead or trail
        atoms = []
    if not groups:
        return None
    return _of_groups(groups)


def _trimmed(
    atoms: list[Node | str],
) -> tuple[str, list[Node | str], str]:
    """Return the joint before a group, the group, and the joint after it."""
    lead, trail = "", ""
    atoms = list(atoms)
    while atoms and isinstance(atoms[0], str):
        lead = _stronger(lead, str(atoms.pop(0)))
    while atoms and isinstance(atoms[-1], str):
        trail = _stronger(trail, str(atoms.pop()))
    return lead, atoms, trail


def _stronger(one: str, other: str) -> str:
    ranks = ["", "comma", "and", "or"]
    return max(one, other, key=lambda each: ranks.index(each) if each in ranks else 0)


def _coordinated(atoms: list[Node | str]) -> Node | None:
    """Return the atoms of a group: commas are what joins the last two of a list."""
    nodes: list[Node] = []
    joints: list[str] = []
    pending = ""
    for each in atoms:
        if isinstance(each, str):
            pending = _stronger(pending, each)
            continue
        if nodes:
            joints.append(pending)
        nodes.append(each)
        pending = ""
    if not nodes:
        return None
    following = "and"
    for at in range(len(joints) - 1, -1, -1):
        if joints[at] in {"and", "or"}:
            following = joints[at]
        elif joints[at] == "comma":
            joints[at] = following
    runs: list[list[Node]] = [[nodes[0]]]
    for joint, node in zip(joints, nodes[1:], strict=True):
        if joint == "or":
            runs.append([node])
        else:
            runs[-1].append(node)
    return _any_of(runs)


def _any_of(runs: list[list[Node]]) -> Node:
    """Return any of some that all hold; ahead of all what is said of the patient."""
    if len(runs) > 1 and len(runs[0]) > 1:
        heads = [each for each in runs[0][:-1] if isinstance(each, Person)]
        if len(heads) == len(runs[0]) - 1:
            rest = joined("any", [runs[0][-1], *(_all_of(each) for each in runs[1:])])
            return _all_of([*heads, rest])
    return joined("any", [_all_of(each) for each in runs])


def _all_of(nodes: list[Node]) -> Node:
    flat = joined("all", nodes)
    members = flat.members if isinstance(flat, Group) and flat.kind == "all" else [flat]
    return joined("all", merged(members))


def _of_groups(groups: list[tuple[str, Node]]) -> Node:
    """Return groups that follow each other: all hold, but for those after "or"."""
    runs: list[list[Node]] = [[groups[0][1]]]
    ands: list[list[list[Node]]] = [runs]
    for joint, node in groups[1:]:
        if joint == "or":
            ands[-1].append([node])
        elif joint == "and" and len(ands[-1]) > 1:
            ands[-1][-1].append(node)
        else:
            ands.append([[node]])
    return _all_of([_any_of(each) for each in ands])


_Handler = Callable[[Reader, int, Item], int]
_HANDLERS: Final[dict[str, _Handler]] = {
    "open": Reader._open,
    "slot": Reader._slot,
    **dict.fromkeys(("and", "or", "comma", "but", "nor"), Reader._joint),
    "not": Reader._not,
    "neither": Reader._neither,
    **dict.fromkeys(("stop", "mark", "either", "both", "machine"), Reader._skip),
    **dict.fromkeys(("command", "count"), Reader._outputs),
    "their": Reader._their,
    **dict.fromkeys(("person", "age_group"), Reader._person),
    **dict.fromkeys(("dead", "alive"), Reader._dead),
    "born": Reader._born,
    **dict.fromkeys(("site", "project"), Reader._place),
    **dict.fromkeys(("smoke", "unsmoke", "neversmoke", "exsmoke"), Reader._smoke),
    "weighing": Reader._weighing,
    **dict.fromkeys(("anyof", "allof"), Reader._list),
    "age": Reader._aged,
    "attime": Reader._at_time,
    "compare": Reader._compare,
    "number": Reader._number,
    **dict.fromkeys(("once", "twice", "thrice"), Reader._times),
    "when": Reader._when,
    "rel": Reader._rel,
    "ask": Reader._ask,
    **dict.fromkeys(("tag", "tagno", "private"), Reader._attribute),
    "mention": Reader._mention,
    **dict.fromkeys(("contrast", "plain"), Reader._contrast),
    "below": Reader._below,
    "start": Reader._start,
    **dict.fromkeys(("ofmodality", "ofbody"), Reader._of_modality),
    "prep": Reader._prep,
    "maker": Reader._maker,
}
