"""The DICOMweb service: which endpoint answers which address (DICOM PS3.18 10)."""

from typing import Final, NamedTuple

from starlette.types import Receive, Scope, Send

from core.access import Verb
from core.audit_events import Action as Audited
from core.routing import PARTITION, Action, Paths, Router, router
from imaging.dicomweb import (
    capabilities_table,
    changefeed,
    conflicts,
    export,
    operation_files,
    operations,
    partitions,
    qido,
    query_tags,
    stow,
    wado,
    wado_bulk,
    wado_metadata,
    wado_parts,
    wado_rendered,
    wado_thumbnail,
)
from imaging.dicomweb.azure import in_manner_of_azure
from imaging.dicomweb.capabilities import Rows, options, with_options
from imaging.dicomweb.delete import delete
from imaging.dicomweb.dialect import with_dialect
from imaging.dicomweb.openapi import documents

STUDY: Final = "/studies/{study}"
SERIES: Final = f"{STUDY}/series/{{series}}"
INSTANCE: Final = f"{SERIES}/instances/{{instance}}"

_INSTANCES: Final = Action(Verb.VIEW_PHI, wado.instances, Audited.RETRIEVE)
_METADATA: Final = Action(Verb.READ, wado_metadata.metadata, Audited.RETRIEVE)
_BULKDATA: Final = Action(Verb.VIEW_PHI, wado_bulk.all_bulkdata, Audited.RETRIEVE)
_PIXELDATA: Final = Action(Verb.VIEW_PHI, wado_bulk.pixeldata, Audited.RETRIEVE)
_RENDERED: Final = Action(Verb.VIEW_PHI, wado_rendered.rendered, Audited.RETRIEVE)
_THUMBNAIL: Final = Action(Verb.VIEW_PHI, wado_thumbnail.thumbnail, Audited.RETRIEVE)
_DELETE: Final = Action(Verb.DELETE, delete, Audited.DELETE)
_POST: Final = Action(Verb.STORE_RESULTS, stow.post_instances, Audited.STORE)
_PUT: Final = Action(Verb.STORE, stow.put_instances, Audited.STORE)
_STUDIES: Final = Action(Verb.READ, qido.search_studies, Audited.SEARCH)
_SERIES: Final = Action(Verb.READ, qido.search_series, Audited.SEARCH)
_SEARCH_INSTANCES: Final = Action(Verb.READ, qido.search_instances, Audited.SEARCH)

EVERYWHERE: Final[Paths] = {
    f"{INSTANCE}/frames/{{frames}}": {
        "GET": Action(Verb.VIEW_PHI, wado_parts.frames, Audited.RETRIEVE)
    },
    f"{INSTANCE}/frames/{{frames}}/rendered": {"GET": _RENDERED},
    f"{INSTANCE}/rendered": {"GET": _RENDERED},
    f"{SERIES}/rendered": {"GET": _RENDERED},
    f"{STUDY}/rendered": {"GET": _RENDERED},
    f"{INSTANCE}/frames/{{frames}}/thumbnail": {"GET": _THUMBNAIL},
    f"{INSTANCE}/thumbnail": {"GET": _THUMBNAIL},
    f"{SERIES}/thumbnail": {"GET": _THUMBNAIL},
    f"{STUDY}/thumbnail": {"GET": _THUMBNAIL},
    "/studies": {"GET": _STUDIES, "POST": _POST, "PUT": _PUT},
    f"{SERIES}/metadata": {"GET": _METADATA},
    f"{STUDY}/metadata": {"GET": _METADATA},
    f"{INSTANCE}/metadata": {"GET": _METADATA},
    f"{STUDY}/bulkdata": {"GET": _BULKDATA},
    f"{SERIES}/bulkdata": {"GET": _BULKDATA},
    f"{INSTANCE}/bulkdata": {"GET": _BULKDATA},
    f"{STUDY}/pixeldata": {"GET": _PIXELDATA},
    f"{SERIES}/pixeldata": {"GET": _PIXELDATA},
    f"{INSTANCE}/pixeldata": {"GET": _PIXELDATA},
    f"{INSTANCE}/bulkdata/{{path:path}}": {
        "GET": Action(Verb.VIEW_PHI, wado_parts.bulkdata, Audited.RETRIEVE)
    },
    f"{STUDY}/series": {"GET": _SERIES},
    f"{SERIES}/instances": {"GET": _SEARCH_INSTANCES},
    f"{STUDY}/instances": {"GET": _SEARCH_INSTANCES},
    "/series": {"GET": _SERIES},
    "/instances": {"GET": _SEARCH_INSTANCES},
    "/patientconflicts": {
        "GET": Action(Verb.VIEW_PHI, conflicts.patient_conflicts, Audited.SEARCH)
    },
    "/export": {"POST": Action(Verb.EXPORT, export.start, Audited.EXPORT)},
    "/import": {"POST": Action(Verb.STORE, export.start_import, Audited.IMPORT)},
    STUDY: {"GET": _INSTANCES, "POST": _POST, "PUT": _PUT, "DELETE": _DELETE},
    SERIES: {"GET": _INSTANCES, "DELETE": _DELETE},
    INSTANCE: {"GET": _INSTANCES, "DELETE": _DELETE},
}
_TAG: Final = "/extendedquerytags/{tag}"

GLOBALLY: Final[Paths] = {
    **documents(capabilities_table.EVERYWHERE),
    "/changefeed": {"GET": Action(Verb.READ, changefeed.changefeed, Audited.READ_FEED)},
    "/changefeed/latest": {
        "GET": Action(Verb.READ, changefeed.latest, Audited.READ_FEED)
    },
    "/partitions": {
        "GET": Action(Verb.READ, partitions.partitions, Audited.VIEW),
        "POST": Action(Verb.MANAGE, partitions.create, Audited.CONFIGURE),
    },
    PARTITION: {
        "GET": Action(Verb.READ, partitions.partition, Audited.VIEW),
        "PATCH": Action(Verb.MANAGE, partitions.change, Audited.CONFIGURE),
        "DELETE": Action(Verb.MANAGE, partitions.delete, Audited.CONFIGURE),
    },
    "/extendedquerytags": {
        "GET": Action(Verb.READ, query_tags.list_all, Audited.VIEW),
        "POST": Action(Verb.MANAGE, query_tags.add, Audited.CONFIGURE),
    },
    _TAG: {
        "GET": Action(Verb.READ, query_tags.get, Audited.VIEW),
        "PATCH": Action(Verb.MANAGE, query_tags.change, Audited.CONFIGURE),
        "DELETE": Action(Verb.MANAGE, query_tags.delete, Audited.CONFIGURE),
    },
    f"{_TAG}/errors": {"GET": Action(Verb.READ, query_tags.errors, Audited.VIEW)},
    "/operations": {"GET": Action(Verb.READ, operations.list_operations, Audited.VIEW)},
    "/operations/{operation}": {
        "GET": Action(Verb.READ, operations.get_operation, Audited.VIEW)
    },
    "/operations/{operation}/files": {
        "GET": Action(Verb.READ, operation_files.list_files, Audited.VIEW)
    },
    "/operations/{operation}/files/{file}": {
        "GET": Action(Verb.EXPORT, operation_files.get_file, Audited.EXPORT)
    },
    "/operations/{operation}/cancel": {
        "POST": Action(Verb.MANAGE, operations.cancel_operation, Audited.OPERATE)
    },
    "/operations/{operation}/retry": {
        "POST": Action(Verb.MANAGE, operations.retry_operation, Audited.OPERATE)
    },
}


class Part(NamedTuple):
    """What another app serves in each data partition beside what is here.

    Attributes
    ----------
    rows
        What each of its methods does.
    """

    paths: Paths
    rows: Rows


class Service:
    """An ASGI application: all addresses here and in parts of other apps.

    Attributes
    ----------
    router, azure_router
        What answers in the standard's dialect, and in those of Azure.
    """

    def __init__(self, *parts: Part) -> None:
        everywhere = dict(EVERYWHERE)
        rows = dict(capabilities_table.EVERYWHERE)
        for part in parts:
            everywhere |= part.paths
            rows |= part.rows
        global_rows = capabilities_table.GLOBALLY
        self.router = _served(everywhere, rows, GLOBALLY, global_rows)
        self.azure_router = _served(
            _of_azure(everywhere, rows),
            rows,
            _of_azure(GLOBALLY, global_rows),
            global_rows,
        )
        self._azure = in_manner_of_azure(self.azure_router)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request in the dialect that its address names."""
        scope = with_dialect(scope)
        serve = self._azure if scope["dialect"].is_azure else self.router
        await serve(scope, receive, send)


def _served(
    everywhere: Paths, rows: Rows, globally: Paths, global_rows: Rows
) -> Router:
    """Return the router of all addresses, each of which describes itself."""
    globally = {**globally, **documents(rows)}
    return router(
        {**with_options(everywhere, rows), "/": options(rows)},
        {
            **with_options(globally, global_rows),
            "/": options({**rows, **global_rows}),
        },
    )


def _of_azure(paths: Paths, rows: Rows) -> Paths:
    """Return the paths without what Azure's dialects have nothing of."""
    kept = {
        path: {
            method: action
            for method, action in actions.items()
            if not rows[path, method].is_ours
        }
        for path, actions in paths.items()
    }
    return {path: actions for path, actions in kept.items() if actions}


app: Final = Service()
"""The service without what other apps serve beside it."""
