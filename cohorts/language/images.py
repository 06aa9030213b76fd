"""Images as they are named: chest CT, MRI of the knee, their reports."""

from string import hexdigits
from typing import Any, Final

from pydicom.datadict import keyword_for_tag

from cohorts.language.before import Before, Noun
from cohorts.language.drafts import Draft
from cohorts.language.scene import Item
from cohorts.language.state import State
from cohorts.language.tag_table import ON_STUDY


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
    return (
        len(name) == 8
        and name[3] in "13579BDFbdf"
        and name[:3].isalnum()
        and (any(each.isdigit() for each in name[:4]))
    )


def is_pictures(item: Item) -> bool:
    """Tell whether "images" stand there, which are studies where none was named."""
    return item.kind == "instances" and item.end == item.start + 1


def images_at(state: State, at: int, before: Before, *, is_output: bool) -> Noun:
    """Return images that are named there, with what stood before."""
    draft = Draft("imaging")
    modalities: list[str] = []
    bodies = [before.body] if before.body else []
    for each in before.words:
        if each.kind != "body":
            state.refuse(each)
    start = at
    at = _modalities(state, at, modalities, bodies, draft, is_output=is_output)
    if not modalities and bodies and state.said(state.items[start]) in _VISITS:
        state.refuse(state.items[start])  # an eye exam may be no images
    if modalities:
        draft.members["modality"] = modalities
    at, more = _of_body(state, at, bodies)
    item = state.item(at)
    if item is not None and item.kind == "report":
        draft.is_report = True
        draft.is_plural = is_plural(state, item)
        at += 1
    drafts = []
    for body in (bodies or [""]) if more else bodies[-1:] or [""]:
        members = dict(draft.members)
        if body:
            members["body"] = {"text": _meant(state, body, at)}
        drafts.append(
            Draft(
                "imaging",
                members,
                is_plural=draft.is_plural,
                is_report=draft.is_report,
            )
        )
    return Noun(drafts, at)


_VISITS: Final = frozenset(["exam", "exams", "examination", "examinations"])


def _meant(state: State, body: str, at: int) -> str:
    """Return a part of the body; of the head it is assumed that the brain is not."""
    if body != "head":
        return body
    is_brain = state.choose(f"body@{at}", "“head” is not “brain”", "the brain is meant")
    return "brain" if is_brain else body


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
            draft.is_plural = is_plural(state, item)
        elif item.kind in {"study", "scanned"} or _is_document(item):
            draft.is_plural = draft.is_plural or is_plural(state, item)
        elif item.kind == "body" and not bodies and _is_last_body(state, at):
            bodies.append(item.value)
        elif not _joins_modalities(state, at, is_output=is_output):
            break
        at += 1
    return at


def _is_document(item: Item) -> bool:
    return is_pictures(item) or (item.kind == "events" and item.value == "document")


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


def is_plural(state: State, item: Item) -> bool:
    """Tell whether several were written: scans, not a scan."""
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
        elif item.kind == "prep" and state.kind(end - 1) == "or":
            pass  # of the brain or of the spine
        elif item.kind != "stop" and not (
            found and _joins_bodies(state, end) and _is_last_body(state, end + 1)
        ):
            break
        end += 1
    if not found:
        return at, False
    bodies[:] = found
    return end, len(found) > 1


def _joins_bodies(state: State, at: int) -> bool:
    """Tell whether another part of the body is named beside it, joined by "or"."""
    while state.kind(at) in {"comma", "body", "stop", "prep"}:
        at += 1
    return state.kind(at) == "or"


def _is_last_body(state: State, at: int) -> bool:
    """Tell whether a part of the body stands there that is not that of another scan."""
    while (item := state.item(at)) is not None and item.kind in {"stop", "or", "prep"}:
        at += 1
    after = state.item(at + 1)
    is_body = item is not None and item.kind == "body"
    return is_body and (
        after is None or after.kind not in {"modality", "exam", "concept", "word"}
    )


def report_at(state: State, at: int, before: Before, *, is_output: bool) -> Noun:
    """Return the reports that are named there: reports of brain MRIs, too."""
    item = state.items[at]
    words = state.said(item)
    is_image = any(each in words for each in ("radiolog", "imag", "scan", "study"))
    draft = Draft("imaging" if is_image or before.body else "report", is_report=True)
    if before.body:
        draft.members["body"] = {"text": before.body}
    for each in before.words:
        if each.kind != "body":
            state.refuse(each)
    draft.is_plural = is_plural(state, item)
    step = at + 1
    if state.kind(step) != "prep" or state.said(state.items[step]) not in {"of", "for"}:
        return Noun([draft], at + 1)
    step += 1
    while state.kind(step) in {"stop", "their"}:
        step += 1
    body = Before()
    while state.kind(step) == "body":
        body.body = state.items[step].value
        step += 1
    if state.kind(step) not in {"modality", "exam"} or is_output:
        return Noun([draft], at + 1)
    found = images_at(state, step, body, is_output=False)
    for image in found.drafts:
        image.is_report = True
    return found
