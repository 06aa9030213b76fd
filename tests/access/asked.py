"""What is asked of each field of the graph's roots, with a selection that tells much.

A field that is asked in several ways has several lines, its name first; so has `node`,
with each type that has global ids.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from graphql import GraphQLInterfaceType

from core.graphql.nodes import make_id
from core.models import OperationState
from portal.schema import schema
from tests.access.cast import (
    COUNTED_TAG,
    FHIR_ID,
    INSTANCE,
    MADE,
    MADE_TAG,
    PARTITION,
    SERIES,
    SPARE,
    STUDY,
    TAG,
    TARGET,
    WORKITEM,
    WORKLIST,
    Cast,
)

_OBJECT: Final = "{ id dicomJson }"
_PAGE: Final = "totalCount edges { node"
_STUDY: Final = f'studyInstanceUid: "{STUDY}"'
_SERIES: Final = f'{_STUDY}, seriesInstanceUid: "{SERIES}"'
_INSTANCE: Final = f'{_SERIES}, sopInstanceUid: "{INSTANCE}"'
_FAULT: Final = "__typename ... on Fault { code message }"
_PLACE: Final = f'on: {{studyInstanceUid: "{STUDY}"}}'
_PATIENT: Final = 'patients: [{patientId: "HID-1"}]'
_FEED: Final = "{ studyInstanceUid dicomJson }"
_CRITERIA: Final = (
    'criteria: {v: 1, where: {event: {type: "condition"}},'
    ' output: [{what: "condition"}, {what: "imaging"}]}'
)
_WORKITEM: Final = f'uid: "{WORKITEM}"'
_WORK: Final = "{ patientId studyInstanceUids dicomJson history { by } }"
_COUNT: Final = "numberOfPatients { text } attrition { numberOfPatients { text } }"
NO_RUN: Final = "00000000-0000-4000-8000-000000000000"
# Global ids tell UIDs: they are variables, so that they count as known.
_BY_ID: Final = {
    "Study": f"... on Study {_OBJECT}",
    "Series": f"... on Series {_OBJECT}",
    "Instance": f"... on Instance {_OBJECT}",
    "Partition": "... on Partition { name createdAt }",
    "Operation": "... on Operation { operationId startedBy"
    " itemErrors { edges { node { item } } } }",
    "Account": "... on Account { name }",
    "Role": "... on Role { name }",
    "Grant": "... on Grant { level }",
    "Token": "... on Token { name }",
    "Patient": f"... on Patient {{ names {{ text }} conditions {{ {_PAGE} {{ resource"
    " } } } }",
    "CohortRun": "... on CohortRun { numberOfPatients { text } }",
    "Workitem": f"... on Workitem {_WORK}",
    "Worklist": "... on Worklist { counts { scheduled } grants { totalCount } }",
    "Project": f"... on Project {{ name studies {{ {_PAGE} {_OBJECT} }} }}"
    " studyFacets(facets: [MODALITY]) { values { value } } }",
}


def _contents(what: str, given: str) -> str:
    where = "To" if what.startswith("add") else "From"
    return f"{what}{where}Project(id: $project, {given}) {{ {_FAULT} }}"


QUERIES: Final[Mapping[str, str]] = {
    "me": "me { name roles permissions { verb partitions numberOfScopes } }",
    "studies": f"studies {{ {_PAGE} {_OBJECT} }} }}",
    "series": f"series {{ {_PAGE} {{ dicomJson study {_OBJECT} }} }} }}",
    "instances": f"instances {{ {_PAGE} {{ dicomJson study {_OBJECT} }} }} }}",
    "study": f"study({_STUDY}) {{ dicomJson series {{ {_PAGE} {{ dicomJson instances"
    f" {{ {_PAGE} {_OBJECT} }} }} }} }} }} }}",
    "patients": f"patients {{ {_PAGE} {{ names {{ text }} studies {{ {_PAGE} {_OBJECT}"
    " } } } } }",
    "patient": f'patient(fhirId: "{FHIR_ID}") {{ names {{ text }} identifiers {{ value'
    f" }} studies {{ {_PAGE} {{ studyInstanceUid orders {{ fhirId }} patient {{ names"
    " { text } } } } } }",
    "patientConflicts": "patientConflicts { edges { node { kind study { id } } } }",
    "patientDecisions": "patientDecisions { action about }",
    "patientSuggestions": "patientSuggestions",
    "fhirServers": "fhirServers { name baseUrl }",
    "fhirDeadLetters": "fhirDeadLetters { edges { node { fhirId } } }",
    "studyFacets": "studyFacets(facets: [MODALITY, PATIENT_SEX]) { name values { value"
    " count } }",
    "queryTagFacets": f'queryTagFacets(tags: ["{COUNTED_TAG}"]) {{ tag values {{ value'
    " count } }",
    "ask": 'ask(question: "women with breast cancer") { criteria readback }',
    "cohortDefinitions": "cohortDefinitions(kind: COHORT) { edges { node { name } } }",
    # Nobody has saved it: others find nothing either.
    "cohortDefinition": f'cohortDefinition(id: "{NO_RUN}") {{ name }}',
    "conceptCodes": 'conceptCodes(concept: {text: "pain"}, type: "condition") {'
    " display }",
    "cohortEstimate": f"cohortEstimate({_CRITERIA})",
    "cohortCount": f"cohortCount({_CRITERIA}) {{ {_COUNT} }}",
    "cohort": f"cohort({_CRITERIA}) {{ {_COUNT} charts(names: [GENDER]) {{ bars {{"
    " value } } }",
    "cohort rows": f"cohort({_CRITERIA}) {{ patients {{ edges {{ node {{ identifiers {{"
    f" value }} }} }} }} outputs {{ rows {{ {_PAGE} {{ event {{ label studies }} }} }}"
    " } } }",
    # Nobody has asked it: others find nothing either.
    "cohortRun": f'cohortRun(id: "{NO_RUN}") {{ {_COUNT} }}',
    "partitions": f"partitions {{ {_PAGE} {{ name }} }} }}",
    "partition": f'partition(name: "{SPARE}") {{ name createdAt }}',
    "operations": f"operations {{ {_PAGE} {{ operationId startedBy"
    " files { name } } } }",
    "accounts": f"accounts(first: 50) {{ {_PAGE} {{ name }} }} }}",
    "account": 'account(name: "member") { name grants { totalCount } }',
    "roles": f"roles {{ {_PAGE} {{ name }} }} }}",
    "projects": f"projects {{ {_PAGE} {{ name studies {{ {_PAGE} {_OBJECT} }} }} }} }}"
    " }",
    "project": f'project(name: "secret") {{ studies {{ {_PAGE} {_OBJECT} }} }} }}',
    "grants": f"grants({_PLACE}) {{ totalCount }}",
    "explainAccess": f'explainAccess(account: "member", {_PLACE}) {{ __typename }}',
    "auditLog": "auditLog(filter: {action: STORE}) { edges { node { patientId query"
    " studyInstanceUid detail } } }",
    "queryTags": "queryTags { totalCount edges { node { path operation { id } } } }",
    "queryTag": f'queryTag(path: "{TAG}") {{ path errors {{ studyInstanceUid }} }}',
    "followers": "followers { name lag deadLetters { edges { node { error } } } }",
    "changeFeed": f"changeFeed(metadata: true, first: 200) {{ {_PAGE} {_FEED} }} }}",
    "changes": f"changes(metadata: true, first: 200) {{ totalCount edges {{ node {{"
    f" __typename ... on ChangeFeedEntry {_FEED} }} }} }}",
    "worklists": f"worklists {{ {_PAGE} {{ label counts {{ scheduled }} }} }} }}",
    "worklist": f'worklist(label: "{WORKLIST}") {{ counts {{ scheduled }} }}',
    "workitems": f"workitems {{ {_PAGE} {_WORK} }} }}",
    "workitem": f"workitem({_WORKITEM}) {_WORK}",
    "workitemCounts": "workitemCounts { scheduled inProgress completed canceled }",
    "workitemPerformers": f"workitemPerformers({_WORKITEM}) {{ edges {{ node {{ name"
    " } } }",
    **{f"node {kind}": f"node(id: $id) {{ {what} }}" for kind, what in _BY_ID.items()},
}
MUTATIONS: Final[Mapping[str, str]] = {
    "deleteStudy": f"deleteStudy({_STUDY}) {{ {_FAULT} }}",
    "deleteSeries": f"deleteSeries({_SERIES}) {{ {_FAULT} }}",
    "deleteInstance": f"deleteInstance({_INSTANCE}) {{ {_FAULT} }}",
    "moveStudy": f'moveStudy({_STUDY}, to: "{SPARE}", reason: "x") {{ {_FAULT} }}',
    "startExport": f'startExport(partition: "{PARTITION}", source: {{identifiers:'
    f' ["{STUDY}"]}}, destination: {{download: true}}) {{ {_FAULT} }}',
    # No folder is allowed: whoever may is told so.
    "startImport": f'startImport(folder: "/x") {{ {_FAULT} }}',
    "createPartition": f'createPartition(name: "{MADE}") {{ {_FAULT} }}',
    "renamePartition": f'renamePartition(name: "{SPARE}", newName: "{SPARE}-{MADE}")'
    f" {{ {_FAULT} }}",
    "disablePartition": f'disablePartition(name: "{SPARE}") {{ {_FAULT} }}',
    # So already: whoever may, has done nothing.
    "storePartitionAs": f'storePartitionAs(name: "{SPARE}", transferSyntaxUid: "")'
    f" {{ {_FAULT} }}",
    "enablePartition": f'enablePartition(name: "{SPARE}") {{ {_FAULT} }}',
    "deletePartition": f'deletePartition(name: "{SPARE}") {{ {_FAULT} }}',
    "cancelOperation": f"cancelOperation(operationId: $open) {{ {_FAULT} }}",
    "revoke": f"revoke(id: $grant) {{ {_FAULT} }}",
    "createAccount": f'createAccount(name: "{MADE}") {{ {_FAULT} }}',
    "setPassword": f'setPassword(name: "{TARGET}", password: "a-long-one-1")'
    f" {{ {_FAULT} }}",
    "endSessions": f'endSessions(name: "{TARGET}") {{ {_FAULT} }}',
    "setOnlyGranted": f'setOnlyGranted(name: "{TARGET}", onlyGranted: true)'
    f" {{ {_FAULT} }}",
    "createRole": f'createRole(name: "{MADE}", verbs: ["read_data"]) {{ {_FAULT} }}',
    "changeRole": f'changeRole(name: "{SPARE}", everywhere: true) {{ {_FAULT} }}',
    "deleteRole": f'deleteRole(name: "{SPARE}") {{ {_FAULT} }}',
    "disableAccount": f'disableAccount(name: "{TARGET}") {{ {_FAULT} }}',
    "enableAccount": f'enableAccount(name: "{TARGET}") {{ {_FAULT} }}',
    "unlock": f'unlock(name: "{TARGET}") {{ {_FAULT} }}',
    "setRoles": f'setRoles(name: "{TARGET}", roles: ["Referrer"]) {{ {_FAULT} }}',
    "rebuildFollower": f'rebuildFollower(name: "usage") {{ {_FAULT} }}',
    "replayDeadLetters": f'replayDeadLetters(name: "usage") {{ {_FAULT} }}',
    # There is none of this name or id: whoever may is told so.
    "resyncFhirServer": f'resyncFhirServer(name: "{MADE}") {{ {_FAULT} }}',
    "retryFhirDeadLetter": f"retryFhirDeadLetter(letterId: 1) {{ {_FAULT} }}",
    "discardFhirDeadLetter": f"discardFhirDeadLetter(letterId: 1) {{ {_FAULT} }}",
    # There is none of this id: whoever may skip is told so.
    "skipDeadLetter": f"skipDeadLetter(letterId: 1) {{ {_FAULT} }}",
    "createToken": f'createToken(name: "{MADE}") {{ {_FAULT} }}',
    "rotateToken": f"rotateToken(id: $token) {{ {_FAULT} }}",
    "revokeToken": f"revokeToken(id: $token) {{ {_FAULT} }}",
    "saveView": f'saveView(name: "{MADE}", query: "sort=StudyDate") {{ {_FAULT} }}',
    # There is none of this name: whoever may remove it is told so.
    "removeView": f'removeView(name: "{SPARE}") {{ {_FAULT} }}',
    "saveCohortDefinition": f'saveCohortDefinition(kind: SET, name: "{MADE}",'
    f' content: {{text: "pain"}}) {{ {_FAULT} }}',
    # There is none of this key: whoever may change it is told so.
    "renameCohortDefinition": f'renameCohortDefinition(id: "{NO_RUN}", name: "{MADE}")'
    f" {{ {_FAULT} }}",
    "removeCohortDefinition": f'removeCohortDefinition(id: "{NO_RUN}") {{ {_FAULT} }}',
    "shareCohortDefinition": f'shareCohortDefinition(id: "{NO_RUN}") {{ {_FAULT} }}',
    "unshareCohortDefinition": f'unshareCohortDefinition(id: "{NO_RUN}")'
    f" {{ {_FAULT} }}",
    "createProject": f'createProject(name: "{MADE}") {{ {_FAULT} }}',
    "changeProject": f'changeProject(id: $project, description: "x") {{ {_FAULT} }}',
    "deleteProject": f"deleteProject(id: $project) {{ {_FAULT} }}",
    # It is in it already: whoever may, has done nothing.
    "addStudiesToProject": _contents("addStudies", f'studies: ["{STUDY}"]'),
    "removeStudiesFromProject": _contents("removeStudies", f'studies: ["{STUDY}"]'),
    "addPatientsToProject": _contents("addPatients", _PATIENT),
    "removePatientsFromProject": _contents("removePatients", _PATIENT),
    "grant": f'grant({_PLACE}, level: SEE, account: "{TARGET}") {{ {_FAULT} }}',
    "addQueryTags": f'addQueryTags(tags: [{{path: "{MADE_TAG}", level: SERIES}}])'
    f" {{ {_FAULT} }}",
    "deleteQueryTag": f'deleteQueryTag(path: "{TAG}") {{ {_FAULT} }}',
    "setQueryTagStatus": f'setQueryTagStatus(path: "{TAG}", isEnabled: false)'
    f" {{ {_FAULT} }}",
    # There is none of these keys, and no system: whoever may is told so.
    "resolvePatientConflict": 'resolvePatientConflict(conflictId: 1, reason: "x")'
    f" {{ {_FAULT} }}",
    "mergePatients": 'mergePatients(one: {value: "1"}, other: {value: "2"}, reason:'
    f' "x") {{ {_FAULT} }}',
    "splitPatient": f'splitPatient(one: {{value: "1"}}, reason: "x") {{ {_FAULT} }}',
    "undoPatientDecision": 'undoPatientDecision(decisionId: 1, reason: "x")'
    f" {{ {_FAULT} }}",
    # There is none of this id: whoever may is told so.
    "startCohortExport": f'startCohortExport(id: "{NO_RUN}", formats: [CSV])'
    f" {{ {_FAULT} }}",
    "startCohortStudyExport": f'startCohortStudyExport(id: "{NO_RUN}", destination:'
    f" {{download: true}}) {{ {_FAULT} }}",
    "createWorkitem": 'createWorkitem(workitem: {procedureStepLabel: "x",'
    f' worklistLabel: "{MADE}"}}) {{ {_FAULT} }}',
    "updateWorkitem": f"updateWorkitem({_WORKITEM}, changes: {{priority: HIGH}})"
    f" {{ {_FAULT} }}",
    "claimWorkitem": f"claimWorkitem({_WORKITEM}) {{ {_FAULT} }}",
    "handOverWorkitem": f'handOverWorkitem({_WORKITEM}, to: "manager") {{ {_FAULT} }}',
    "requestWorkitemCancel": f"requestWorkitemCancel({_WORKITEM}) {{ {_FAULT} }}",
    # Nobody has claimed it: whoever may is told so.
    "releaseWorkitem": f"releaseWorkitem({_WORKITEM}) {{ {_FAULT} }}",
    "completeWorkitem": f"completeWorkitem({_WORKITEM}) {{ {_FAULT} }}",
    "cancelWorkitem": f"cancelWorkitem({_WORKITEM}) {{ {_FAULT} }}",
    "retryOperation": f"retryOperation(operationId: $failed) {{ {_FAULT} }}",
}
SUBSCRIPTIONS: Final[Mapping[str, str]] = {
    "changeFeed": f"changeFeed(metadata: true) {_FEED}",
    "changes": f"changes(metadata: true, filter: {{{_STUDY}}}) {{ ... on"
    f" ChangeFeedEntry {_FEED} }}",
    "workitem": f'workitem({_WORKITEM}, after: "0") {{ workitem {_WORK} }}',
    "worklist": f'worklist(after: "0") {{ isOnList workitem {_WORK} }}',
    "operation": "operation(operationId: $open) { operationId startedBy }",
}
ROOTS: Final = {
    "query": QUERIES,
    "mutation": MUTATIONS,
    "subscription": SUBSCRIPTIONS,
}


def fields() -> Iterator[str]:
    """Yield what the schema's own roots have, as in the table."""
    graph = schema._schema
    roots = {
        "query": graph.query_type,
        "mutation": graph.mutation_type,
        "subscription": graph.subscription_type,
    }
    for root, kind in roots.items():
        assert kind is not None
        yield from (f"{root} {name}" for name in kind.fields if name != "node")
    node = graph.get_type("Node")
    assert isinstance(node, GraphQLInterfaceType)
    for each in graph.get_possible_types(node):
        yield f"query node {each.name}"


def document(root: str, name: str, cast: Cast) -> tuple[str, dict[str, str]]:
    """Return the text of an operation, and its variables."""
    text = ROOTS[root][name]
    waiting, failed = (
        str(cast.operations[state].pk)
        for state in (OperationState.NOT_STARTED, OperationState.FAILED)
    )
    paths = {
        "Patient": f"{PARTITION}/{FHIR_ID}",
        "Study": f"{PARTITION}/{STUDY}",
        "Series": f"{PARTITION}/{STUDY}/{SERIES}",
        "Instance": f"{PARTITION}/{STUDY}/{SERIES}/{INSTANCE}",
        "Partition": SPARE,
        "Operation": waiting,
        "Account": TARGET,
        "Role": "Researcher",
        "Grant": f"account/{cast.given.pk}",
        "Token": str(cast.token_id),
        "Project": str(cast.project.pk),
        "CohortRun": NO_RUN,
        "Workitem": f"{PARTITION}/{WORKITEM}",
        "Worklist": f"{PARTITION}/{WORKLIST}",
    }
    kind = name.removeprefix("node ")
    known = {
        "id": ("ID!", make_id(kind, paths.get(kind, ""))),
        "grant": ("ID!", make_id("Grant", paths["Grant"])),
        "token": ("ID!", make_id("Token", paths["Token"])),
        "project": ("ID!", make_id("Project", paths["Project"])),
        "open": ("UUID!", waiting),
        "failed": ("UUID!", failed),
    }
    used = {key: pair for key, pair in known.items() if f"${key}" in text}
    declared = ", ".join(f"${key}: {pair[0]}" for key, pair in used.items())
    head = f"{root} ({declared})" if declared else root
    return f"{head} {{ {text} }}", {key: pair[1] for key, pair in used.items()}
