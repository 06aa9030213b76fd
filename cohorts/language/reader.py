"""Criteria while they are read: what was read last, what is denied, what waits."""

from dataclasses import replace
from typing import Any, Final

from cohorts.language.before import Noun
from cohorts.language.drafts import Draft, Group, Node, Person, drafts_in, joined
from cohorts.language.relations import Relation
from cohorts.language.scene import Item
from cohorts.language.state import State

Json = dict[str, Any]
SEARCHES: Final = frozenset(("with", "have", "has", "had", "having", "where", "got"))
"""Words after which a name is looked for that nobody may know."""

EXCEPTING: Final = frozenset(
    ["except", "excluding", "exclude", "other", "apart", "but", "leaving"]
)
"""Words that deny people: whoever is all of what comes is left out."""

JOINTS: Final = frozenset({"and", "or", "comma", "but", "open", "either"})


class Reader:
    """Reads the criteria of one kind of people, up to an item.

    Attributes
    ----------
    elements
        What was read, and what joins it; ``open`` between groups.
    outputs, output_drafts
        What is wanted, and the events that it was read from.
    last, before
        The events that were read last, and those before them.
    death
        A death that was read last: windows are of it.
    died_of
        A death whose cause was named: windows are of it as well.
    slot
        The type of event that a verb looks for; ``any``; empty after other words.
    denial
        ``not`` or ``neither`` while what is read is denied.
    denying
        What denies, until it has denied something.
    denier
        What has denied last.
    first_window
        A window that stood before all events, and the first of these.
    window, relation
        What waits for the next event.
    brackets
        Where brackets were opened: how many elements there were.
    same
        What comes next is of one encounter, or of one study, with an event.
    status
        The status that the next medication has to have.
    is_fresh
        Whether a name may stand here that nobody knows.
    """

    def __init__(self, state: State, end: int) -> None:
        self.state = state
        self.end = end
        self.elements: list[Node | str] = []
        self.outputs: list[Json] = []
        self.output_drafts: list[Draft] = []
        self.last: list[Draft] = []
        self.before: list[Draft] = []
        self.death: Person | None = None
        self.died_of: Person | None = None
        self.slot = ""
        self.denial = ""
        self.age: tuple[Person, int] | None = None
        self.window: Item | None = None
        self.denying: Item | None = None
        self.denier: Item | None = None
        self.first_window: tuple[Item, Draft] | None = None
        self.brackets: list[int] = []
        self.status = ""
        self.same: tuple[Item, Draft] | None = None
        self.is_fresh = True
        self.relation: tuple[Relation, list[Draft]] | None = None

    def used(self, start: int, end: int) -> int:
        """Mark items as read; return where they end."""
        self.state.use(range(start, end))
        return end

    def part(self) -> None:
        """Begin a new group; what was denied before, is not any more."""
        self.died_of = None
        self.is_fresh = True
        if self.has_atoms():
            self.denial = ""
            self.end_denial()
            self.elements.append("open")

    def has_atoms(self) -> bool:
        """Tell whether something was read since the last group began."""
        for each in reversed(self.elements):
            if each == "open":
                return False
            if not isinstance(each, str):
                return True
        return False

    def end_denial(self) -> None:
        """Tell of a denial that denied nothing."""
        if self.denying is not None:
            self.state.refuse(self.denying)
        self.denying = None

    def excepts(self) -> bool:
        """Tell whether people are left out: excluding, except."""
        denier = self.denier
        return denier is not None and self.state.said(denier).split()[0] in EXCEPTING

    def part_before_verb(self) -> None:
        """Begin a new group, unless something joins."""
        if self.elements and self.elements[-1] not in JOINTS:
            self.part()

    def skips_to(self, kind: str, at: int) -> bool:
        """Tell whether an image was named, and its maker follows."""
        if not (self.last and self.last[-1].type == "imaging"):
            return False
        step = at + 1
        while self.state.kind(step) in {"stop", "prep", "open"}:
            step += 1
        return self.state.kind(step) == kind

    def says(self, at: int) -> str:
        """Return the words of an item; empty beyond the end."""
        item = self.state.item(at)
        return self.state.said(item) if item else ""

    def add(self, node: Node) -> None:
        """Take criteria, denied where what came before denies them."""
        is_event = isinstance(node, Draft)
        self.denying, self.is_fresh = None, False
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
        if self.window is not None:
            for each in noun.drafts:
                each.members["when"] = self.window.value.when
            if not self.known() and not self.window.value.is_of_next:
                self.first_window = (self.window, noun.drafts[0])
            self.window = None
        if self.status and all(each.type == "medication" for each in noun.drafts):
            for each in noun.drafts:
                each.members["status"] = [self.status]
            self.status = ""
        if self.same is not None and len(noun.drafts) == 1:
            item, other = self.same
            noun.drafts[0].be_with(other, item.value)
            self.same = None
        if self.relation is not None:
            relation, anchors = self.relation
            self.relation = None
            self.relate(relation, anchors, noun.drafts)
        self.add(joined("any", drafts))

    def is_image(self) -> bool:
        """Tell whether what was read last are images."""
        return bool(self.last) and self.last[-1].type == "imaging"

    def wants_value(self) -> bool:
        """Tell whether a measurement was read that has no value yet."""
        last = self.last[-1] if self.last else None
        return (
            last is not None
            and last.type == "observation"
            and "value" not in last.members
            and "code" in last.members
        )

    def known(self) -> list[Draft]:
        """Return the events that were read."""
        return [
            draft
            for each in self.elements
            if not isinstance(each, str)
            for draft in drafts_in(each)
        ]

    def known_of(self, kind: str) -> Draft | None:
        """Return the last event of a type."""
        known = [each for each in self.known() if each.type == kind]
        return known[-1] if known else None

    def relate(
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
            each.is_end = relation.is_end
            if relation.is_both:
                each.first, each.last = "", "P0D"
                copies.append(replace(each, first="P0D", last=""))
        return copies
