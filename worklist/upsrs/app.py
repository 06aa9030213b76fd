"""The worklist service: which endpoint answers which address (DICOM PS3.18 11)."""

from typing import Final

from core.access import Verb
from core.audit_events import Action as Audited
from core.routing import Action, Paths
from imaging.dicomweb.app import Part
from worklist.upsrs import subscribers, workitems
from worklist.upsrs.capabilities_table import ROWS
from worklist.upsrs.search import search_workitems

WORKITEM: Final = "/workitems/{workitem}"
SUBSCRIBER: Final = f"{WORKITEM}/subscribers/{{aetitle}}"

_STATE: Final = Action(Verb.PERFORM, workitems.state, Audited.UPDATE)
_CANCEL: Final = Action(Verb.PERFORM, workitems.cancel, Audited.UPDATE)
_SUSPEND: Final = Action(Verb.VIEW_PHI, subscribers.suspend, Audited.CONFIGURE)

PATHS: Final[Paths] = {
    "/workitems": {
        "GET": Action(Verb.VIEW_PHI, search_workitems, Audited.SEARCH),
        "POST": Action(Verb.SCHEDULE, workitems.create, Audited.STORE),
    },
    WORKITEM: {
        "GET": Action(Verb.VIEW_PHI, workitems.retrieve, Audited.RETRIEVE),
        "POST": Action(Verb.PERFORM, workitems.update, Audited.UPDATE),
        "DELETE": Action(Verb.DELETE, workitems.delete, Audited.DELETE),
    },
    f"{WORKITEM}/state": {"PUT": _STATE},
    f"{WORKITEM}/cancelrequest": {"POST": _CANCEL},
    SUBSCRIBER: {
        "POST": Action(Verb.VIEW_PHI, subscribers.subscribe, Audited.CONFIGURE),
        "DELETE": Action(Verb.VIEW_PHI, subscribers.unsubscribe, Audited.CONFIGURE),
    },
    f"{SUBSCRIBER}/suspend": {"POST": _SUSPEND},
}
"""Addresses that exist in each data partition."""

PART: Final = Part(PATHS, ROWS)
"""What this app serves below ``/dicomweb``."""
