"""The status codes of the Unified Procedure Step services, in plain words.

DICOM PS3.4 tables CC.2.1-2, CC.2.2-2, CC.2.3-3, CC.2.5-4, CC.2.6-1, CC.2.7-1; the
general ones are of PS3.7 annex C.
"""

from enum import IntEnum
from typing import Final


class Status(IntEnum):
    """A status as DIMSE sends it."""

    SUCCESS = 0x0000
    OPTIONAL_NOT_SUPPORTED = 0x0001
    DUPLICATE = 0x0111
    CREATED_WITH_MODIFICATIONS = 0xB300
    DELETION_LOCK_NOT_GRANTED = 0xB301
    ALREADY_CANCELED = 0xB304
    COERCED = 0xB305
    ALREADY_COMPLETED = 0xB306
    NO_LONGER_UPDATED = 0xC300
    WRONG_TRANSACTION_UID = 0xC301
    ALREADY_IN_PROGRESS = 0xC302
    SCHEDULED_BY_CREATE_ONLY = 0xC303
    FINAL_STATE_UNMET = 0xC304
    UNKNOWN_WORKITEM = 0xC307
    UNKNOWN_RECEIVER = 0xC308
    NOT_CREATED_AS_SCHEDULED = 0xC309
    NOT_IN_PROGRESS = 0xC310
    COMPLETED_BEFORE_CANCEL = 0xC311
    PERFORMER_UNREACHABLE = 0xC312
    PERFORMER_REFUSES = 0xC313
    ACTION_NOT_APPROPRIATE = 0xC314
    NO_EVENT_REPORTS = 0xC315

    @property
    def code(self) -> str:
        """Return the four hexadecimal digits."""
        return f"{self.value:04X}"

    @property
    def words(self) -> str:
        """Return what it says, and what to do, in a sentence or two."""
        return WORDS[self]

    @property
    def is_warning(self) -> bool:
        """Return whether the request is answered as done, with a remark."""
        return self.value == 0x0001 or self.value >> 12 == 0xB

    @property
    def is_failure(self) -> bool:
        """Return whether the request is refused."""
        return self is not Status.SUCCESS and not self.is_warning


WORDS: Final = {
    Status.SUCCESS: "It is done.",
    Status.OPTIONAL_NOT_SUPPORTED: "It is done. Optional attributes that are not supported were left out.",
    Status.DUPLICATE: "There is a workitem with this UID. Send another UID, or none to get one.",
    Status.CREATED_WITH_MODIFICATIONS: "The workitem was created with modifications.",
    Status.DELETION_LOCK_NOT_GRANTED: "The subscription is there, but without a deletion lock.",
    Status.ALREADY_CANCELED: "The workitem is CANCELED already.",
    Status.COERCED: "Values that were not valid were made valid.",
    Status.ALREADY_COMPLETED: "The workitem is COMPLETED already.",
    Status.NO_LONGER_UPDATED: "The workitem is COMPLETED or CANCELED and may no longer be changed. Create another one.",
    Status.WRONG_TRANSACTION_UID: "The Transaction UID is missing, or not the one by which the workitem was claimed.",
    Status.ALREADY_IN_PROGRESS: "The workitem is IN PROGRESS already, claimed by this Transaction UID.",
    Status.SCHEDULED_BY_CREATE_ONLY: "A workitem is SCHEDULED by its creation alone. Cancel it and create another one.",
    Status.FINAL_STATE_UNMET: "The workitem lacks what this state asks for. Update it and try again.",
    Status.UNKNOWN_WORKITEM: "There is no such workitem here.",
    Status.UNKNOWN_RECEIVER: "The receiving AE title is not known here.",
    Status.NOT_CREATED_AS_SCHEDULED: "A workitem is created in the state SCHEDULED. Send that as its state.",
    Status.NOT_IN_PROGRESS: "The workitem is not IN PROGRESS. Claim it first; while it is SCHEDULED, send no Transaction UID.",
    Status.COMPLETED_BEFORE_CANCEL: "The workitem is COMPLETED already and cannot be canceled.",
    Status.PERFORMER_UNREACHABLE: "Who performs the workitem cannot be told of the wish to cancel.",
    Status.PERFORMER_REFUSES: "Who performs the workitem does not want to cancel it.",
    Status.ACTION_NOT_APPROPRIATE: "This cannot be done with this workitem.",
    Status.NO_EVENT_REPORTS: "Events are not sent.",
}

TRANSACTION_UID_MISSING: Final = "The Transaction UID is missing."
TRANSACTION_UID_INCORRECT: Final = "The Transaction UID is incorrect."
STATE_INCONSISTENT: Final = (
    "The submitted request is inconsistent with the state of the UPS Instance."
)
UPDATE_INCONSISTENT: Final = (
    "The submitted request is inconsistent with the current state of the Workitem."
)
NOT_CLAIMED: Final = "The target URI did not reference a claimed Workitem."
IS_CANCELED: Final = "The UPS is already in the requested state of CANCELED."
IS_COMPLETED: Final = "The UPS is already in the requested state of COMPLETED."
WAS_CREATED_WITH_MODIFICATIONS: Final = "The Workitem was created with modifications."
WAS_UPDATED_WITH_MODIFICATIONS: Final = "The Workitem was updated with modifications."
"""Texts of ``Warning`` headers (PS3.18 11.4.3.2, 11.6.3.2, 11.7.3.2, 11.8.3.2)."""
