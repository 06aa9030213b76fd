"""What decides whether an instance is stored, and what it is warned of.

All of it follows from what parsing found; no byte is read again. What differs between
those who send, the edge that knows them says by its `StoreRules`.
"""

from dataclasses import dataclass, replace
from typing import Final

from imaging.index import INDEXED, tag_of, text
from imaging.part10 import (
    AttributeIssue,
    ParsedInstance,
    Part10Error,
    UnsupportedTransferSyntax,
)
from imaging.part10.validate import check_identifier
from imaging.store_status import FailureReason, Refused, WarningReason

_REQUIRED_UIDS: Final = {
    tag_of(keyword): keyword
    for keyword in (
        "SOPClassUID",
        "StudyInstanceUID",
        "SeriesInstanceUID",
        "SOPInstanceUID",
    )
}
_PATIENT_ID: Final = tag_of("PatientID")
_STUDY_INSTANCE_UID: Final = tag_of("StudyInstanceUID")
_TRANSFER_SYNTAX_UID: Final = tag_of("TransferSyntaxUID")
_IMPLICIT_LITTLE_ENDIAN: Final = "1.2.840.10008.1.2"


@dataclass(frozen=True, slots=True)
class StoreRules:
    """What an instance must keep to be stored.

    The four UIDs and a PatientID that may be empty are always required.

    Attributes
    ----------
    decisive
        Tags of the attributes besides these that refuse the instance if their value
        is bad. That of any other is a warning.
    needs_patient_id
        Whether PatientID must have a value.
    keeps_bad_values
        Whether bad values stay in the metadata, without a warning; else they leave
        it. What search looks at never keeps them.
    unreadable, unknown_syntax, of_another_study
        Why bytes fail that are no DICOM, or of a transfer syntax that cannot be read,
        or an instance of another study than the address names.
    """

    decisive: frozenset[str] = frozenset()
    needs_patient_id: bool = False
    keeps_bad_values: bool = False
    unreadable: FailureReason = FailureReason.DATA_SET_INVALID
    unknown_syntax: FailureReason = FailureReason.DATA_SET_INVALID
    of_another_study: FailureReason = FailureReason.DATA_SET_INVALID


STANDARD: Final = StoreRules(
    unreadable=FailureReason.CANNOT_UNDERSTAND,
    unknown_syntax=FailureReason.TRANSFER_SYNTAX_NOT_SUPPORTED,
    of_another_study=FailureReason.STUDY_MISMATCH,
)
"""DICOM PS3.18 10.5, with the reasons of table I.2-2."""

AZURE_V2: Final = StoreRules()
"""Azure's DICOM service, version 2."""

AZURE_V1: Final = StoreRules(
    decisive=frozenset(
        map(
            tag_of,
            (
                "AccessionNumber",
                "ManufacturerModelName",
                "Modality",
                "PatientBirthDate",
                "PatientName",
                "PerformedProcedureStepStartDate",
                "ReferringPhysicianName",
                "StudyDate",
                "StudyDescription",
            ),
        )
    ),
    needs_patient_id=True,
    keeps_bad_values=True,
)
"""Azure's version 1: strict on what its searches look at, and on nothing else."""


def with_decisive(rules: StoreRules, tags: frozenset[str]) -> StoreRules:
    """Return rules by which bad values of more attributes refuse an instance."""
    return replace(rules, decisive=rules.decisive | tags) if tags else rules


def unreadable(error: Part10Error | str, rules: StoreRules) -> Refused:
    """Return the refusal of bytes that are no instance."""
    unknown = isinstance(error, UnsupportedTransferSyntax)
    reason = rules.unknown_syntax if unknown else rules.unreadable
    return Refused("", "", reason, (str(error),))


def refusal_of(
    parsed: ParsedInstance, study_instance_uid: str | None, rules: StoreRules
) -> Refused | None:
    """Return why an instance cannot be stored, or None where it can.

    Parameters
    ----------
    study_instance_uid
        The study that it must be of, if any.
    """
    reason = FailureReason.DATA_SET_INVALID
    comments = [*_faults(parsed, rules), *_syntax_faults(parsed.transfer_syntax_uid)]
    held = text(parsed.model, "StudyInstanceUID")
    if not comments and study_instance_uid not in {None, held}:
        reason = rules.of_another_study
        fault = "StudyInstanceUID is not that of the address."
        comments = [comment_of(_STUDY_INSTANCE_UID, fault)]
    if not comments:
        return None
    return Refused(
        text(parsed.model, "SOPClassUID"),
        text(parsed.model, "SOPInstanceUID"),
        reason,
        tuple(comments),
    )


def warning_of(
    parsed: ParsedInstance, rules: StoreRules
) -> tuple[WarningReason | None, tuple[str, ...]]:
    """Return what a stored instance is warned of, and a comment for each attribute."""
    comments = []
    if not rules.keeps_bad_values:
        comments += [comment_of(issue.path, issue.reason) for issue in parsed.issues]
    if not text(parsed.model, "PatientID"):
        comments.append(comment_of(_PATIENT_ID, "PatientID is empty."))
    if comments:
        return WarningReason.ATTRIBUTES_INVALID, tuple(comments)
    if parsed.transfer_syntax_uid == _IMPLICIT_LITTLE_ENDIAN:
        return WarningReason.DATA_SET_DOES_NOT_MATCH_SOP_CLASS, ()
    return None, ()


def removed_from_metadata(
    parsed: ParsedInstance, rules: StoreRules
) -> tuple[AttributeIssue, ...]:
    """Return the attributes whose bad values are in the file only."""
    if not rules.keeps_bad_values:
        return parsed.issues
    # Columns and their indexes have room for what keeps the rules only.
    return tuple(issue for issue in parsed.issues if issue.path[:8] in INDEXED)


def comment_of(path: str, reason: str) -> str:
    """Return an *Error Comment* that names an attribute, nested or not.

    The form is the one that Azure's clients parse.
    """
    tags = [
        f"({step[:4].lower()},{step[4:].lower()})" if len(step) == 8 else f"[{step}]"
        for step in path.split("/")
    ]
    return f"DICOM100: {''.join(tags)} - {reason}"


def _faults(parsed: ParsedInstance, rules: StoreRules) -> list[str]:
    """Return what is wrong with the attributes that decide."""
    model = parsed.model
    bad = {issue.path: issue.reason for issue in parsed.issues}
    comments = []
    for tag, keyword in _REQUIRED_UIDS.items():
        if tag in bad:
            comments.append(comment_of(tag, bad[tag]))
        elif not (uid := text(model, keyword)):
            comments.append(comment_of(tag, f"{keyword} is missing or empty."))
        elif reason := check_identifier(uid):  # of another value representation
            comments.append(comment_of(tag, reason))
    if _PATIENT_ID not in model:
        comments.append(comment_of(_PATIENT_ID, "PatientID is missing."))
    elif _PATIENT_ID in bad:
        comments.append(comment_of(_PATIENT_ID, bad[_PATIENT_ID]))
    elif rules.needs_patient_id and not text(model, "PatientID"):
        comments.append(comment_of(_PATIENT_ID, "PatientID is empty."))
    if rules.decisive and bad:
        decisive = sorted(rules.decisive & bad.keys())
        comments += [comment_of(tag, bad[tag]) for tag in decisive]
    return comments


def _syntax_faults(transfer_syntax_uid: str) -> list[str]:
    if not transfer_syntax_uid:
        return ["The file does not say its transfer syntax (0002,0010)."]
    # It goes into headers of answers, where not everything may stand.
    reason = check_identifier(transfer_syntax_uid)
    return [comment_of(_TRANSFER_SYNTAX_UID, reason)] if reason else []
