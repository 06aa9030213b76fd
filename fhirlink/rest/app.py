"""The FHIR service: which endpoint answers which address (FHIR R4 3.1.0)."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from core.access import Verb
from core.audit_events import Action as Audited
from core.routing import PARTITION, Action, Endpoint, Paths, router
from fhirlink.rest import binary, bulk, history, instances, search
from fhirlink.rest.bundles import Bundles
from fhirlink.rest.metadata import metadata
from fhirlink.rest.validate import validate
from imaging.dicomweb import operation_files

TYPE: Final = "/{type}"
INSTANCE: Final = f"{TYPE}/{{id}}"


def _or_binary(usual: Endpoint, of_binary: Endpoint) -> Endpoint:
    """Return the endpoint of all types, with another one for Binary."""

    async def endpoint(request: Request) -> Response:
        is_binary = request.path_params["type"] == binary.TYPE
        return await (of_binary if is_binary else usual)(request)

    return endpoint


_SEARCH: Final = Action(Verb.VIEW_PHI, search.of_type, Audited.SEARCH)
_SEARCH_ALL: Final = Action(Verb.VIEW_PHI, search.of_all, Audited.SEARCH)
_SEARCH_COMPARTMENT: Final = Action(
    Verb.VIEW_PHI, search.of_compartment, Audited.SEARCH
)

# Looks at nothing that is held, so it is audited no more than a page of help.
_VALIDATE: Final = Action(Verb.STORE, validate)

_bundles: Final = Bundles()

_OF_TYPE: Final = {
    "GET": _SEARCH,
    "POST": Action(
        Verb.STORE, _or_binary(instances.create, binary.create), Audited.STORE
    ),
    "PUT": Action(Verb.STORE, instances.update_found, Audited.UPDATE),
    "PATCH": Action(Verb.STORE, instances.patch_found, Audited.UPDATE),
    "DELETE": Action(Verb.DELETE, instances.delete_found, Audited.DELETE),
}
_OF_INSTANCE: Final = {
    "GET": Action(
        Verb.VIEW_PHI, _or_binary(instances.get, binary.get), Audited.RETRIEVE
    ),
    "PUT": Action(
        Verb.STORE, _or_binary(instances.update, binary.update), Audited.UPDATE
    ),
    "PATCH": Action(Verb.STORE, instances.patch, Audited.UPDATE),
    "DELETE": Action(Verb.DELETE, instances.delete, Audited.DELETE),
}

EVERYWHERE: Final[Paths] = {
    # What it asks for is asked of the actor entry by entry.
    "/": {
        "GET": _SEARCH_ALL,
        "POST": Action(None, _bundles, Audited.STORE),
    },
    "/_search": {"POST": _SEARCH_ALL},
    "/metadata": {"GET": Action(None, metadata)},
    "/_history": {"GET": Action(Verb.VIEW_PHI, history.of_all, Audited.RETRIEVE)},
    "/$export": {
        "GET": Action(Verb.EXPORT, bulk.export, Audited.EXPORT),
        "POST": Action(Verb.EXPORT, bulk.export, Audited.EXPORT),
    },
    "/Patient/$export": {
        "GET": Action(Verb.EXPORT, bulk.export_patients, Audited.EXPORT),
        "POST": Action(Verb.EXPORT, bulk.export_patients, Audited.EXPORT),
    },
    "/Patient/{id}/$everything": {
        "GET": Action(Verb.VIEW_PHI, search.everything_of, Audited.RETRIEVE)
    },
    "/$import": {"POST": Action(Verb.STORE, bulk.import_lines, Audited.IMPORT)},
    "/operations/{operation}": {
        "GET": Action(Verb.READ, bulk.status, Audited.VIEW),
        "DELETE": Action(Verb.MANAGE, bulk.cancel, Audited.OPERATE),
    },
    "/operations/{operation}/files/{file}": {
        "GET": Action(Verb.EXPORT, operation_files.get_file, Audited.EXPORT)
    },
    TYPE: _OF_TYPE,
    f"{TYPE}/_search": {"POST": _SEARCH},
    f"{TYPE}/$validate": {"POST": _VALIDATE},
    f"{INSTANCE}/$validate": {"POST": _VALIDATE},
    f"{INSTANCE}/{{of}}": {"GET": _SEARCH_COMPARTMENT},
    f"{INSTANCE}/{{of}}/_search": {"POST": _SEARCH_COMPARTMENT},
    f"{TYPE}/_history": {
        "GET": Action(Verb.VIEW_PHI, history.of_type, Audited.RETRIEVE)
    },
    INSTANCE: _OF_INSTANCE,
    f"{INSTANCE}/_history": {
        "GET": Action(Verb.VIEW_PHI, history.of_instance, Audited.RETRIEVE)
    },
    f"{INSTANCE}/_history/{{version}}": {
        "GET": Action(Verb.VIEW_PHI, instances.get_version, Audited.RETRIEVE)
    },
}

GLOBALLY: Final[Paths] = {
    PARTITION: {
        "GET": _SEARCH_ALL,
        "POST": Action(None, _bundles, Audited.STORE),
    }
}

app: Final = router(EVERYWHERE, GLOBALLY)
_bundles.app = app
