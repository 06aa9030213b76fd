"""What of a study a person should look at: found by each fold, kept as rows."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from fhirlink.linkage.facts import Facts
from fhirlink.linkage.likeness import contradictions
from fhirlink.linkage.patients import Patients
from fhirlink.models import LinkConflict

Kind = LinkConflict.Kind
Found = Mapping[str, dict[str, Any]]
"""The detail of each kind that a study has."""


def found_in(facts: Facts, patients: Patients) -> Found:
    """Return what is wrong with who a study is of."""
    if not facts.term:
        number = facts.read.number_of_patients
        if number > 1:
            return {Kind.TWO_PATIENTS: {"patients": number}}
        return {Kind.UNLINKED: {}}
    match = patients.matches[facts.term]
    found: dict[str, dict[str, Any]] = {}
    if match.candidates:
        found[Kind.SEVERAL] = {"candidates": list(match.candidates)}
    if match.others:
        found[Kind.AMBIGUOUS] = {
            "patient": match.record,
            "candidates": list(match.others),
        }
    subject = patients.told_of(facts.term)
    if wrong := contradictions(facts.told, subject):
        found[Kind.CONTRADICTION] = {
            "patient": patients.subject_of(facts.term),
            "members": wrong,
            "images": {name: facts.told.get(name) for name in wrong},
            "record": {name: subject.get(name) for name in wrong},
        }
    return found


def keep(partition_id: int, uids: Collection[str], found: Mapping[str, Found]) -> None:
    """Have studies have these conflicts, and no others.

    One that a person has resolved stays so unless its detail has changed.
    """
    held = {
        (each.study_instance_uid, each.kind): each
        for each in LinkConflict.objects.filter(
            partition=partition_id, study_instance_uid__in=uids
        )
    }
    wanted = {
        (uid, str(kind)): detail
        for uid, kinds in found.items()
        for kind, detail in kinds.items()
    }
    gone = [row.pk for key, row in held.items() if key not in wanted]
    LinkConflict.objects.filter(pk__in=gone).delete()
    LinkConflict.objects.bulk_create(_new(partition_id, wanted, held))
    changed = [
        _reopened(held[key], detail)
        for key, detail in wanted.items()
        if key in held and held[key].detail != detail
    ]
    fields = ["detail", "resolved_at", "resolved_by", "resolution"]
    LinkConflict.objects.bulk_update(changed, fields)


def _new(
    partition_id: int,
    wanted: Mapping[tuple[str, str], dict[str, Any]],
    held: Collection[tuple[str, str]],
) -> Iterable[LinkConflict]:
    return [
        LinkConflict(
            partition_id=partition_id, study_instance_uid=uid, kind=kind, detail=detail
        )
        for (uid, kind), detail in sorted(wanted.items())
        if (uid, kind) not in held
    ]


def _reopened(row: LinkConflict, detail: dict[str, Any]) -> LinkConflict:
    row.detail = detail
    row.resolved_at, row.resolved_by, row.resolution = None, "", ""
    return row
