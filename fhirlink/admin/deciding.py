"""What somebody can say of a conflict: the form, and what it has done."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from django import forms

from core.access import Actor
from fhirlink.linkage.resolve import merge_patients, resolve_conflict, split_patient
from fhirlink.linkage.sides import Side, Sides
from fhirlink.models import LinkConflict

_MERGE: Final = "merge "
LINKED_ANEW: Final = "Studies are linked anew in a moment."
_ROWS: Final = {
    "Identifiers": ("identifiers", ""),
    "Name": ("names", "name"),
    "Birth date": ("birth_date", "birthDate"),
    "Sex": ("gender", "gender"),
}
"""What is said of a patient, by member of a side and of a Patient."""


class DecideForm(forms.Form):
    """What is so, and why.

    Parameters
    ----------
    choices
        Decisions, and how they are called.
    """

    decision = forms.ChoiceField(widget=forms.RadioSelect)
    reason = forms.CharField(
        max_length=200,
        help_text="Stands in the audit log.",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )

    def __init__(self, data: Any = None, *, choices: Sequence[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["decision"].choices = choices  # type: ignore[attr-defined] # a ChoiceField


class Row(NamedTuple):
    """One thing that sides say, in their order: the images first."""

    name: str
    cells: Sequence[Sequence[str]]
    is_contradiction: bool


def rows_of(sides: Sides) -> list[Row]:
    """Return what the sides say, beside each other."""
    wrong = sides.conflict.detail.get("members", [])
    held = (sides.images, *sides.record)
    return [
        Row(name, [_values(side, member) for side in held], path in wrong)
        for name, (member, path) in _ROWS.items()
    ]


def _values(side: Side, member: str) -> Sequence[str]:
    value = getattr(side, member)
    if isinstance(value, str):
        return [value] if value else []
    return [each if isinstance(each, str) else " ".join(each) for each in value]


def choices_of(sides: Sides) -> list[tuple[str, str]]:
    """Return what can be said of a conflict."""
    found = [("resolve", "It is no conflict: leave everything linked as it is")]
    if sides.identifier is None:
        return found
    found += [
        (f"{_MERGE}{each.patient}", f"Merge: the images' patient is {called(each)}")
        for each in sides.record
        if not each.is_linked
    ]
    if any(each.is_linked for each in sides.record):
        words = "Split: the images' patient is none of those that it is joined with"
        found.append(("split", words))
    return found


def called(side: Side) -> str:
    """Return how a Patient is called where it is chosen."""
    name = f" ({side.names[0]})" if side.names else ""
    return f"Patient/{side.patient}{name}"


def decide(
    *, actor: Actor, sides: Sides, row: LinkConflict, given: Mapping[str, str]
) -> str:
    """Have the domain do what was chosen; return what is told of it.

    Raises
    ------
    PortalError
        It is refused.
    """
    decision, reason = given["decision"], given["reason"]
    partition = row.partition.name
    if decision == "resolve" or sides.identifier is None:
        resolve_conflict(
            actor=actor, partition=partition, key=row.pk, resolution=reason
        )
        return "Resolved. It comes back when its cause has become another."
    if decision == "split":
        split_patient(
            actor=actor, partition=partition, identifier=sides.identifier, reason=reason
        )
        return f"Split. {LINKED_ANEW}"
    merge_patients(
        actor=actor,
        partition=partition,
        first=sides.identifier,
        second=decision.removeprefix(_MERGE),
        reason=reason,
    )
    return f"Merged. {LINKED_ANEW}"
