"""Groups that are written as such: in brackets, and "A or B but not both"."""

from copy import deepcopy

from cohorts.language import named
from cohorts.language.drafts import Group, Node, joined
from cohorts.language.reader import JOINTS, Reader
from cohorts.language.scene import Item
from cohorts.language.trees import tree


def read_mark(reader: Reader, at: int, item: Item) -> int:
    """Read brackets: what stands in them belongs together; go on past other marks."""
    word = reader.state.said(item)
    if word == "(":
        reader.brackets.append(len(reader.elements))
    elif word == ")" and reader.brackets:
        _close(reader, reader.brackets.pop())
    else:
        return named.read_skip(reader, at, item)
    return reader.used(at, at + 1)


def _close(reader: Reader, start: int) -> None:
    """Make one node of what was read since the bracket was opened.

    A joint or the beginning of a group that stands first stays outside; "(or COPD)"
    is joined to what was before the bracket.
    """
    inner = reader.elements[start:]
    lead = 0
    while lead < len(inner) and isinstance(inner[lead], str):
        lead += 1
    node = tree(inner[lead:], reader.state.choose)
    if node is not None and isinstance(node, Group):
        reader.elements[start + lead :] = [node]


def read_notboth(reader: Reader, at: int, item: Item) -> int:
    """Read "A or B but not both": one of the two, not the two of them."""
    elements = reader.elements
    while elements and elements[-1] in JOINTS:
        elements.pop()
    if len(elements) >= 3 and elements[-2] == "or":
        one, other = elements[-3], elements[-1]
        if not isinstance(one, str) and not isinstance(other, str):
            elements[-3:] = [_one_of(one, other)]
            return reader.used(at, at + 1)
    if elements and isinstance(last := elements[-1], Group) and _is_pair(last):
        elements[-1] = _one_of(*last.members)
        return reader.used(at, at + 1)
    return at + 1


def _is_pair(group: Group) -> bool:
    return group.kind == "any" and len(group.members) == 2


def _one_of(one: Node, other: Node) -> Node:
    both = joined("all", [deepcopy(one), deepcopy(other)])
    return Group("all", [joined("any", [one, other]), Group("not", [both])])
