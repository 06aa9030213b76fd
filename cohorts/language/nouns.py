"""Events as they are named: chest CT, three brain MRIs, stage 3 kidney disease."""

from dataclasses import dataclass, field
from string import hexdigits
from typing import Any, Final

from pydicom.datadict import keyword_for_tag

from cohorts.language.drafts import Draft
from cohorts.language.function_table import SYSTEM_OF
from cohorts.language.items import Item
from cohorts.language.lexicon import CONCEPTS, Entry
from cohorts.language.state import State
from cohorts.language.tag_table import ON_STUDY

_HEADS: Final = frozenset(
    """cancer carcinoma tumor tumour disease fracture diabetes surgery infection biopsy
    replacement transplant metastasis pain failure injury hemorrhage embolism lymphoma
    leukemia syndrome disorder sarcoma arthritis stenosis""".split()
)
_PREFERRED: Final = (
    *("condition", "procedure", "medication", "observation", "device", "encounter"),
    *("immunization", "allergy", "specimen"),
)
_IN_NAMES: Final = frozenset({"disease", "illness", "device"})
_ALLERGIC: Final = ("allergy", "immunization")


@dataclass(slots=True)
class Before:
    """What stands before the noun."""

    count: dict[str, Any] = field(default_factory=dict)
    pick: str = ""
    slot: str = ""
    words: list[Item] = field(default_factory=list)
    body: str = ""
    maker: str = ""
    stages: tuple[str, ...] = ()
    tags: list[dict[str, Any]] = field(default_factory=list)
    items: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Noun:
    """Events that are named together: any of them is meant."""

    drafts: list[Draft]
    end: int


def noun_at(
    state: State, at: int, slot: str = "", *, is_output: bool = False
) -> Noun | None:
    """Return the event that is named there, and mark its words as read.

    Parameters
    ----------
    slot
        The type of event that is looked for, as a verb before it said.
    is_output
        Whether "CT and MRI scans" are one.
    """
    before = Before(slot=slot)
    start = at
    while _take_before(state, at, before):
        at += 1
    item = state.item(at)
    if item is None:
        found = _unknown(state, at, before)
    elif item.kind in {"modality", "exam", "study", "scanned"} or _is_pictures(item):
        found = _imaging(state, at, before, is_output=is_output)
    elif item.kind == "report":
        found = _report(state, at, before)
    elif item.kind in {"concept", "events", "habit", "code", "admitted", "poly"}:
        found = _named(state, at, before)
    else:
        found = _shared(state, at, before) or _unknown(state, at, before)
    if found is None:
        return None
    for each in found.drafts:
        each.at = state.items[start].start if start < len(state.items) else 0
        _finish(each, before)
    state.use(range(start, found.end))
    return found


def _is_pictures(item: Item) -> bool:
    return item.kind == "instances" and item.end == item.start + 1


def _take_before(state: State, at: int, before: Before) -> bool:
    """Take an item that stands before a noun; false where there is none."""
    item = state.item(at)
    if item is None:
        return False
    match item.kind:
        case "stop" | "their" | "both" | "either":
            return not before.words
        case "first" | "last":
            before.pick = item.kind
        case "start":
            before.pick = "first"
            before.slot = before.slot or "start"
        case "slot":
            if before.words or before.slot not in {"", "any", "start"}:
                return False
            if before.count and not _is_counted(state, item):
                return False
            before.slot = item.value
        case "compare" | "number" | "once" | "twice" | "thrice" | "several":
            return _take_count(state, at, item, before)
        case "stage":
            before.stages = item.value
        case "maker":
            before.maker = item.value
        case "contrast" | "plain" if _leads_to_image(state, at):
            before.tags.append(_contrast(item.kind))
        case "body" | "word":
            before.words.append(item)
            before.body = item.value if item.kind == "body" else before.body
        case "ask":
            state.ask(item, *item.value)
        case _:
            return False
    return True


def _is_counted(state: State, item: Item) -> bool:
    """Tell whether a phrase is a noun that is counted: diagnoses of, not taking."""
    return state.said(item).split()[-1] in {"of", "for"}


def _leads_to_image(state: State, at: int) -> bool:
    kinds = {e.kind for e in state.items[at + 1 : at + 4]}
    return bool(kinds & {"modality", "exam", "study"})


def _take_count(state: State, at: int, item: Item, before: Before) -> bool:
    if before.words or before.count:
        return False
    if item.kind == "compare":
        if item.value.unit:
            return False
        before.count = dict(item.value.bounds)
        return True
    if item.kind == "number":
        number, unit = item.value
        if unit == "T" and _leads_to_image(state, at):
            before.tags.append({"tag": "MagneticFieldStrength", "eq": number, "unit": "T"})
            return True
        if unit or not isinstance(number, int) or not _leads_to_noun(state, at):
            return False
        is_one = number == 1
        before.count = {"eq": 1} if is_one and not _is_article(state, item) else {}
        if number > 1:
            is_exact = state.choose(
                f"count@{item.start}",
                f"{number} or more",
                f"exactly {number}",
            )
            before.count = {"eq" if is_exact else "gte": number}
        return True
    if not _leads_to_noun(state, at):
        return False
    number = {"once": 1, "twice": 2, "thrice": 3}.get(item.kind, 2)
    before.count = {"gte": number}
    if item.kind == "several":
        state.assume(f"“{state.said(item)}” is 2 or more")
    return True


def _is_article(state: State, item: Item) -> bool:
    return state.scene.tokens[item.start].low == "one"


def _leads_to_noun(state: State, at: int) -> bool:
    for item in state.items[at + 1 : at + 6]:
        if item.kind in {"modality", "exam", "study", "concept", "events", "report"}:
            return True
        if item.kind not in {"word", "body", "stop", "maker", "contrast", "plain"}:
            return False
    return False


def _contrast(kind: str) -> dict[str, Any]:
    return {"tag": "ContrastBolusAgent", "exists": kind == "contrast"}


def _finish(draft: Draft, before: Before) -> None:
    """Give an event what stood before its noun."""
    if before.count:
        draft.members["count"] = dict(before.count)
    if before.pick:
        draft.members["pick"] = before.pick
    if draft.type != "imaging":
        return
    if before.maker:
        add_tag(draft, {"tag": "Manufacturer", "contains": before.maker})
    for each in before.tags:
        add_tag(draft, each)


def add_tag(draft: Draft, tag: dict[str, Any]) -> None:
    """Ask an attribute: of the study what belongs to it, else of one series."""
    name = tag["tag"]
    is_private = "creator" in tag or (name[:4].isalnum() and _is_odd(name))
    if name in ON_STUDY or is_private or _keyword_of(name) in ON_STUDY:
        draft.members.setdefault("tags", []).append(tag)
    else:
        draft.members.setdefault("series", {}).setdefault("tags", []).append(tag)


def _keyword_of(name: str) -> str:
    """Return the keyword of an attribute that is named by its number."""
    is_number = len(name) == 8 and all(each in hexdigits for each in name)
    return keyword_for_tag(int(name, 16)) if is_number else ""


def _is_odd(name: str) -> bool:
    """Tell whether a number is that of a private group (DICOM PS3.5 7.8)."""
    return len(name) == 8 and name[3] in "13579BDFbdf" and name[:3].isalnum() and (
        any(each.isdigit() for each in name[:4])
    )


# --- images -----------------------------------------------------------------------


def _imaging(state: State, at: int, before: Before, *, is_output: bool) -> Noun:
    draft = Draft("imaging")
    modalities: list[str] = []
    bodies = [before.body] if before.body else []
    for each in before.words:
        if each.kind != "body":
            state.refuse(each)
    at = _modalities(state, at, modalities, bodies, draft, is_output=is_output)
    if modalities:
        draft.members["modality"] = modalities
    at, more = _of_body(state, at, bodies)
    item = state.item(at)
    if item is not None and item.kind == "report":
        draft.is_report = True
        draft.is_plural = _is_plural(state, item)
        at += 1
    drafts = []
    for body in (bodies or [""]) if more else bodies[-1:] or [""]:
        members = dict(draft.members)
        if body:
            members["body"] = {"text": body}
        drafts.append(
            Draft(
                "imaging",
                members,
                is_plural=draft.is_plural,
                is_report=draft.is_report,
            )
        )
    return Noun(drafts, at)


def _modalities(
    state: State,
    at: int,
    modalities: list[str],
    bodies: list[str],
    draft: Draft,
    *,
    is_output: bool,
) -> int:
    """Read modalities and the nouns of studies; return where they end."""
    while (item := state.item(at)) is not None:
        if item.kind in {"modality", "exam"}:
            entry = next(e for e in item.entries if e.kind in {"modality", "exam"})
            codes = entry.name if entry.kind == "modality" else entry.more
            modalities.extend(e for e in codes.split() if e not in modalities)
            if entry.kind == "exam":
                bodies.append(entry.name)
            draft.is_plural = _is_plural(state, item)
        elif item.kind in {"study", "scanned"} or _is_document(item):
            draft.is_plural = draft.is_plural or _is_plural(state, item)
        elif item.kind == "body" and not bodies and _is_last_body(state, at):
            bodies.append(item.value)
        elif not _joins_modalities(state, at, is_output=is_output):
            break
        at += 1
    return at


def _is_document(item: Item) -> bool:
    return _is_pictures(item) or (item.kind == "events" and item.value == "document")


def _joins_modalities(state: State, at: int, *, is_output: bool) -> bool:
    item, after, last = state.item(at), state.item(at + 1), state.item(at - 1)
    kinds = {"or", "and"} if is_output else {"or"}
    return (
        item is not None
        and after is not None
        and last is not None
        and item.kind in kinds
        and after.kind == "modality"
        and last.kind == "modality"
    )


def _is_plural(state: State, item: Item) -> bool:
    token = state.scene.tokens[item.end - 1]
    return token.low != token.key or token.low == "series"


def _of_body(state: State, at: int, bodies: list[str]) -> tuple[int, bool]:
    """Read "of the knee", "of the chest or abdomen"; tell whether there are several."""
    item = state.item(at)
    if item is None or item.kind != "prep":
        return at, False
    end, found = at + 1, []
    while (item := state.item(end)) is not None:
        if item.kind == "body":
            found.append(item.value)
        elif item.kind == "word" and state.said(item) in {"left", "right"}:
            state.refuse(item)
        elif item.kind != "stop" and not (
            found and item.kind in {"or", "comma"} and _is_last_body(state, end + 1)
        ):
            break
        end += 1
    if not found:
        return at, False
    bodies[:] = found
    return end, len(found) > 1


def _is_last_body(state: State, at: int) -> bool:
    """Tell whether a part of the body stands there that is not that of another scan."""
    while (item := state.item(at)) is not None and item.kind in {"stop", "or"}:
        at += 1
    after = state.item(at + 1)
    is_body = item is not None and item.kind == "body"
    return is_body and (
        after is None
        or after.kind not in {"modality", "exam", "concept", "word"}
    )


def _report(state: State, at: int, before: Before) -> Noun:
    item = state.items[at]
    words = state.said(item)
    is_image = any(each in words for each in ("radiolog", "imag", "scan", "study"))
    draft = Draft("imaging" if is_image or before.body else "report", is_report=True)
    if before.body:
        draft.members["body"] = {"text": before.body}
    for each in before.words:
        if each.kind != "body":
            state.refuse(each)
    draft.is_plural = _is_plural(state, item)
    return Noun([draft], at + 1)


# --- what has a name ---------------------------------------------------------------


def _named(state: State, at: int, before: Before) -> Noun:
    item = state.items[at]
    match item.kind:
        case "code":
            return _codes(state, at, before)
        case "habit":
            entry = item.entries[0]
            draft = Draft("observation", {"code": {"text": entry.name}})
            draft.members["value"] = {"text": entry.more}
            return Noun([draft], at + 1)
        case "poly":
            return _several_meanings(state, at, before)
        case "admitted":
            return Noun([Draft("encounter", {"code": {"text": "inpatient"}})], at + 1)
        case "events":
            return _all_events(state, at, before)
        case _:
            return _concept(state, at, before)


def _several_meanings(state: State, at: int, before: Before) -> Noun:
    """Return what an abbreviation means, where the verb before it decides; or ask."""
    item = state.items[at]
    name, meanings = item.value
    pairs = [each.split(" ", 1) for each in meanings]
    fitting = [pair for pair in pairs if pair[0] == before.slot]
    for each in before.words:
        state.refuse(each)
    if len(fitting) == 1:
        kind, text = fitting[0]
        state.assume(f"{name} is {text}")
        return Noun([Draft(kind, {"code": {"text": text}})], at + 1)
    state.ask(item, f"code:{name}", [text for _, text in pairs])
    return Noun([Draft("condition", {"code": {"text": name.lower()}})], at + 1)


def _all_events(state: State, at: int, before: Before) -> Noun:
    """Return all events of a kind: any allergies; or of a name before it."""
    item = state.items[at]
    entry = next(each for each in item.entries if each.kind == "events")
    if before.words and entry.name not in {"observation", "document"}:
        text = _source(state, before.words)
        if state.said(item) in _IN_NAMES:
            text = state.source(before.words[0].start, item.end)
        draft = Draft(entry.name, {"code": {"text": text}})
        state.confirm(text, entry.name, before.words[0])
        return Noun([draft], at + 1)
    draft = Draft(entry.name, is_plural=_is_plural(state, item))
    if entry.more:
        draft.members["category"] = entry.more
    for each in before.words:
        state.refuse(each)
    return Noun([draft], at + 1)


def _source(state: State, items: list[Item]) -> str:
    return state.source(items[0].start, items[-1].end)


def _chosen(item: Item, slot: str) -> Entry:
    """Return what a name means here: what the verb before it wants, if it can."""
    concepts = [each for each in item.entries if each.kind in CONCEPTS]
    wanted = [each for each in concepts if each.kind == slot]
    if slot == "start":
        wanted = [e for e in concepts if e.kind in {"medication", "procedure"}]
    own = [each for each in concepts if each.is_own] or concepts
    ranked = sorted(own, key=lambda each: _PREFERRED.index(each.kind))
    return (wanted or ranked)[0]


def _concept(state: State, at: int, before: Before) -> Noun:
    item = state.items[at]
    entry = _chosen(item, before.slot)
    kind = before.slot if before.slot in _ALLERGIC else entry.kind
    text = entry.name
    if before.words:
        text = _with_words(state, item, entry, before)
    end, kind, stages = _after_concept(state, at + 1, kind, before)
    text, end = _of_organ(state, at, end, text)
    texts = [f"{text} {each}" for each in stages] or [text]
    texts = [_own_name(state, each) for each in texts]
    if kind in {"allergy", "immunization"}:
        texts = [each.removesuffix(" vaccine") for each in texts]
    end = _strength(state, end, kind, texts)
    drafts = [Draft(kind, {"code": {"text": each}}) for each in texts]
    for each in drafts:
        each.is_plural = _is_plural(state, item)
    return Noun(drafts, end)


def _own_name(state: State, text: str) -> str:
    """Return what our lexicon calls it, as for "type 2" beside "diabetes"."""
    entries = [e for e in state.scene.lexicon.named(text) if e.kind in CONCEPTS]
    return entries[0].name if entries else text


def _with_words(state: State, item: Item, entry: Entry, before: Before) -> str:
    """Return a name with the words before it, which narrow it: severe asthma."""
    words = before.words
    last = words[-1]
    if state.items[state.items.index(last) + 1].start != item.start:
        for each in words:
            state.refuse(each)
        return entry.name
    whole = state.source(words[0].start, item.end)
    own = state.scene.lexicon.named(whole)
    if own:
        return own[0].name
    text = f"{_source(state, words)} {entry.name}"
    state.confirm(text, entry.kind, words[0])
    return text


def _after_concept(
    state: State, at: int, kind: str, before: Before
) -> tuple[int, str, tuple[str, ...]]:
    """Read a stage, or the noun of a kind, after a name: penicillin allergy."""
    stages = before.stages
    while (item := state.item(at)) is not None:
        if item.kind == "stage":
            stages = item.value
        elif item.kind == "events" and item.value in {"allergy", "immunization"}:
            kind = str(item.value)
        elif item.kind == "events" and item.value in CONCEPTS:
            entry = next(e for e in item.entries if e.kind == "events")
            if entry.name != kind and entry.name != "observation":
                kind = entry.name
        elif not (item.kind == "stop" and state.said(item) in _READ):
            break
        at += 1
    return at, kind, stages


_READ: Final = frozenset(
    """reading readings level levels value values result results measurement measurements
    test tests number numbers case cases""".split()
)


def _of_organ(state: State, at: int, end: int, text: str) -> tuple[str, int]:
    """Return "fracture of the ankle" as one name."""
    item = state.item(end)
    if item is None or item.kind != "prep" or state.said(item) != "of":
        return text, end
    step = end + 1
    while (item := state.item(step)) is not None and item.kind == "stop":
        step += 1
    if item is None or item.kind != "body":
        return text, end
    for phrase in (f"{item.value} {text}", f"{text} of {item.value}"):
        own = state.scene.lexicon.named(phrase)
        if own:
            return own[0].name, step + 1
    source = state.source(state.items[at].start, item.end)
    state.confirm(source, "condition", state.items[at])
    return source, step + 1


def _strength(state: State, at: int, kind: str, texts: list[str]) -> int:
    """Read how strong a drug is: lisinopril 10 mg."""
    item = state.item(at)
    if kind != "medication" or item is None or item.kind != "number":
        return at
    if item.value[1] not in {"mg", "g", "mL", "ug/mL", "mg/mL"}:
        return at
    texts[:] = [f"{each} {state.source(item.start, item.end)}" for each in texts]
    return at + 1


def _codes(state: State, at: int, before: Before) -> Noun:
    codes: list[dict[str, Any]] = []
    kind = before.slot if before.slot in CONCEPTS else ""
    for each in before.words:
        state.refuse(each)
    while (item := state.item(at)) is not None:
        if item.kind == "code":
            system, code = item.value
            uri, own = SYSTEM_OF[system]
            kind = kind or own
            plain = code.rstrip("*x-").rstrip(".") if system == "icd" else code
            found: dict[str, Any] = {"system": uri, "code": plain}
            if plain != code:
                found["descendants"] = True
            codes.append(found)
        elif item.kind == "below":
            for each in codes:
                each["descendants"] = True
        elif not (
            item.kind in {"or", "comma"}
            and (after := state.item(at + 1)) is not None
            and after.kind in {"code", "below"}
        ):
            break
        at += 1
    return Noun([Draft(kind, {"code": {"codes": codes}})], at)


def _shared(state: State, at: int, before: Before) -> Noun | None:
    """Return "lung" of "lung or breast cancer", which share their last word."""
    item = state.item(at)
    if item is None or item.kind not in {"or", "and", "comma"}:
        return None
    if not (before.words or before.stages):
        return None
    images = _shared_images(state, at, before)
    if images is not None:
        return images
    step = at
    while (after := state.item(step)) is not None and after.kind in {
        *("or", "and", "comma", "body", "word", "stage", "stop"),
    }:
        step += 1
    if after is None or after.kind != "concept":
        return None
    head = state.scene.tokens[after.end - 1].low
    words = _source(state, before.words) if before.words else " ".join(before.stages)
    phrase = f"{words} {head}"
    own = [e for e in state.scene.lexicon.named(phrase) if e.kind in CONCEPTS]
    if not own and head not in _HEADS:
        return None
    text = own[0].name if own else phrase
    kind = own[0].kind if own else _chosen(after, before.slot).kind
    if not own:
        state.confirm(text, kind, item)
    return Noun([Draft(kind, {"code": {"text": text}})], at)


def _shared_images(state: State, at: int, before: Before) -> Noun | None:
    """Return "chest" of "chest and abdominal CT", which share their modality."""
    if any(each.kind != "body" for each in before.words):
        return None
    step = at
    while (after := state.item(step)) is not None and after.kind in {
        *("or", "and", "comma", "body"),
    }:
        step += 1
    if after is None or after.kind != "modality":
        return None
    draft = Draft("imaging", {"modality": str(after.value).split()})
    draft.members["body"] = {"text": before.body}
    draft.is_plural = _is_plural(state, after)
    return Noun([draft], at)


def _unknown(state: State, at: int, before: Before) -> Noun | None:
    """Return what nobody knows as it is written, where a name is looked for."""
    if not before.slot or all(each.kind == "body" for each in before.words):
        return None
    kind = {"start": "medication", "any": "condition"}.get(before.slot, before.slot)
    words = before.words
    text = _source(state, words)
    if before.stages:
        text = f"{text} {before.stages[0]}"
    state.confirm(text, kind, words[0])
    if before.slot == "any":
        is_other = state.choose(
            f"kind@{words[0].start}", f"“{text}” is a diagnosis", "it is a procedure"
        )
        kind = "procedure" if is_other else kind
    return Noun([Draft(kind, {"code": {"text": text}})], at)
