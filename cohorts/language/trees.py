"""From what was read to criteria: groups, and which joint binds before which."""

from collections.abc import Callable

from cohorts.language.drafts import Group, Node, Person, joined, merged

Choose = Callable[[str, str, str], bool]


def tree(elements: list[Node | str], choose: Choose) -> Node | None:
    """Return groups joined: "and" binds before "or", "or" before what just follows.

    Parameters
    ----------
    choose
        Tells whether an assumption is switched (`State.choose`).
    """
    groups: list[tuple[str, Node]] = []
    joint, atoms = "", []
    for each in [*elements, "open"]:
        if each != "open":
            atoms.append(each)
            continue
        lead, inner, trail = _trimmed(atoms)
        node = _coordinated(inner, choose)
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
    while atoms and isinstance(atoms[0], str) and atoms[0] != "either":
        lead = _stronger(lead, str(atoms.pop(0)))
    while atoms and isinstance(atoms[-1], str):
        trail = _stronger(trail, str(atoms.pop()))
    return lead, atoms, trail


def _stronger(one: str, other: str) -> str:
    ranks = ["", "comma", "and", "or"]
    return max(one, other, key=lambda each: ranks.index(each) if each in ranks else 0)


def _coordinated(atoms: list[Node | str], choose: Choose) -> Node | None:
    """Return the atoms of a group: commas are what joins the last two of a list."""
    nodes: list[Node] = []
    joints: list[str] = []
    pending = ""
    for each in _with_either(atoms, choose):
        if isinstance(each, str):
            pending = _stronger(pending, each)
            continue
        if nodes:
            joints.append(pending)
        nodes.append(each)
        pending = ""
    if not nodes:
        return None
    _resolve(joints)
    _part_people(joints, nodes)
    if _is_mixed(joints, nodes) and choose(
        f"joints@{len(nodes)}",
        "“and” joins before “or” does",
        "“or” joins first",
    ):
        return _all_of(_ors_first(joints, nodes))
    end = len(nodes)
    if "or" in joints and not any(isinstance(each, Person) for each in nodes[:2]):
        while isinstance(nodes[end - 1], Person) and not joints[end - 2]:
            end -= 1  # "lung or colon cancer, over 80": said of all of them
    runs: list[list[Node]] = [[nodes[0]]]
    for joint, node in zip(joints, nodes[1:end], strict=False):
        if joint == "or":
            runs.append([node])
        else:
            runs[-1].append(node)
    return _all_of([_any_of(runs), *nodes[end:]])


def _resolve(joints: list[str]) -> None:
    """Make each comma what joins the next two of its list."""
    following = "and"
    for at in range(len(joints) - 1, -1, -1):
        if joints[at] in {"and", "or"}:
            following = joints[at]
        elif joints[at] == "comma":
            joints[at] = following


def _part_people(joints: list[str], nodes: list[Node]) -> None:
    """Make "men and women", "women and children" any of them."""
    has_people = False
    for at, node in enumerate(nodes):
        is_noun = isinstance(node, Person) and node.is_noun
        if at and has_people and is_noun and joints[at - 1] == "and":
            joints[at - 1] = "or"
        has_people = has_people or is_noun


def _is_mixed(joints: list[str], nodes: list[Node]) -> bool:
    """Tell whether events are joined by both: A and B or C."""
    events = [not isinstance(each, Person) for each in nodes]
    pairs = zip(joints, events, events[1:], strict=False)
    held = {joint for joint, one, other in pairs if one and other}
    return {"and", "or"} <= held


def _ors_first(joints: list[str], nodes: list[Node]) -> list[Node]:
    runs: list[list[Node]] = [[nodes[0]]]
    for joint, node in zip(joints, nodes[1:], strict=True):
        if joint == "or":
            runs[-1].append(node)
        else:
            runs.append([node])
    return [joined("any", each) for each in runs]


def _with_either(atoms: list[Node | str], choose: Choose) -> list[Node | str]:
    """Return "either A or B" as one node, up to what follows the last "or"."""
    if "either" not in atoms:
        return atoms
    at = atoms.index("either")
    before, rest = atoms[:at], atoms[at + 1 :]
    ors = [step for step, each in enumerate(rest) if each == "or"]
    if not ors:
        return _with_either([*before, *rest], choose)
    end = ors[-1] + 1
    while end < len(rest) and isinstance(rest[end], str):
        end += 1
    node = _coordinated(rest[: end + 1], choose)
    return [*before, *([node] if node is not None else []), *rest[end + 1 :]]


def _any_of(runs: list[list[Node]]) -> Node:
    """Return any of some that all hold; ahead of all what is said of the patient."""
    if len(runs) > 1 and len(runs[0]) > 1:
        heads = [each for each in runs[0][:-1] if isinstance(each, Person)]
        others = [run for run in runs[1:] if _names_people(run)]
        if len(heads) == len(runs[0]) - 1 and not others:
            rest = joined("any", [runs[0][-1], *(_all_of(each) for each in runs[1:])])
            return _all_of([*heads, rest])
    return joined("any", [_all_of(each) for each in runs])


def _names_people(nodes: list[Node]) -> bool:
    """Tell whether it begins with other people: women over 50 or men over 60."""
    return isinstance(nodes[0], Person) and "gender" in nodes[0].members


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
