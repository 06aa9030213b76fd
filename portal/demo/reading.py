"""What is to be read in the demo hospital: rules that put new studies on worklists."""

from typing import Any, Final

from core.access import system
from core.models import DEFAULT_PARTITION
from core.partitions import get_or_create_partition
from worklist.making.configuring import configure_rule
from worklist.making.usual import STUDY
from worklist.models import WorkitemRule

ACTOR: Final = system("demo")
_TEMPLATE: Final[dict[str, Any]] = {
    "ProcedureStepLabel": {
        "Value": ["Read {StudyDescription | ModalitiesInStudy | 'the images'}"]
    },
    "ScheduledWorkitemCodeSequence": {
        "Value": [
            {
                "CodeValue": {"Value": ["110005"]},
                "CodingSchemeDesignator": {"Value": ["DCM"]},
                "CodeMeaning": {"Value": ["Interpretation"]},
            }
        ]
    },
}
_USUAL: Final[dict[str, Any]] = {
    "source": STUDY,
    "template": _TEMPLATE,
    "station": "READ1, 99DEMO, Reading room 1",
    "is_enabled": True,
}
RULES: Final[dict[str, dict[str, Any]]] = {
    "New CT": {
        "conditions": "ModalitiesInStudy=CT",
        "worklist_label": "CT",
        "priority": "MEDIUM",
        "due": "arrival + 4 h",
        "steps": [{"after": "0 min", "priority": "HIGH"}],
    },
    "New MR": {
        "conditions": "ModalitiesInStudy=MR",
        "worklist_label": "MR",
        "priority": "LOW",
        "due": "arrival + 1 d",
    },
}


def make_rules() -> None:
    """Have what is stored from now on be put on worklists; once."""
    key = get_or_create_partition(actor=ACTOR, name=DEFAULT_PARTITION)
    for name, says in RULES.items():
        if not WorkitemRule.objects.filter(partition=key, name=name).exists():
            rule = WorkitemRule(partition_id=key, name=name)
            configure_rule(actor=ACTOR, rule=rule, values={**_USUAL, **says})
