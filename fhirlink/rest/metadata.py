"""The CapabilityStatement: what this server does, made of what it does (R4 5.2)."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

import orjson
from django.utils import timezone
from starlette.requests import Request
from starlette.responses import Response

from fhirlink.definitions.parameters import (
    ANY_TYPE,
    Kind,
    Parameter,
    parameters_of,
)
from fhirlink.rest.answers import json_answer
from fhirlink.rest.request import FHIR_JSON, base_url, media_type_of
from fhirlink.served import served_types

_STARTED: Final = timezone.now().replace(microsecond=0)
_TYPE_INTERACTIONS: Final = (
    *("read", "vread", "update", "patch", "delete"),
    *("history-instance", "history-type", "create", "search-type"),
)
_SYSTEM_INTERACTIONS: Final = (
    *("transaction", "batch", "history-system", "search-system"),
)
_BULK: Final = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition"
_OF_PATIENTS: Final = (
    {
        "name": "everything",
        "definition": "http://hl7.org/fhir/OperationDefinition/Patient-everything",
    },
    {"name": "export", "definition": f"{_BULK}/patient-export"},
)
_OF_ALL: Final = (
    {"name": "export", "definition": f"{_BULK}/export"},
    {
        # HL7 has no definition of it.
        "name": "import",
        "definition": "urn:portal:operation:import",
        "documentation": "POST $import with resources as NDJSON, one on each line.",
    },
)
_COMPARTMENTS: Final = ("http://hl7.org/fhir/CompartmentDefinition/patient",)
_VALIDATE: Final = "http://hl7.org/fhir/OperationDefinition/Resource-validate"
_SECURITY: Final = (
    "Bearer tokens, personal, of services or of an OpenID Connect issuer; sessions of"
    " the portal's own pages. Roles and grants decide who sees what."
)


async def metadata(request: Request) -> Response:
    """Answer the statement, to anybody."""
    media_type_of(request)
    return json_answer(request, orjson.dumps(statement(base_url(request))))


def statement(base: str) -> dict[str, Any]:
    """Return the CapabilityStatement of the service at an address."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": _STARTED.isoformat(),
        "publisher": "Imaging Research Portal",
        "kind": "instance",
        "software": {"name": "Imaging Research Portal", "version": _version()},
        "implementation": {"description": "Imaging Research Portal", "url": base},
        "fhirVersion": "4.0.1",
        "format": [FHIR_JSON, "json"],
        "patchFormat": ["application/json-patch+json"],
        "rest": [_rest()],
    }


@cache
def _version() -> str:
    try:
        return version("imaging-research-portal")
    except PackageNotFoundError:
        return "development"


@cache
def _rest() -> dict[str, Any]:
    return {
        "mode": "server",
        "security": {"cors": True, "description": _SECURITY},
        "resource": [_resource(each) for each in served_types()],
        "interaction": [{"code": each} for each in _SYSTEM_INTERACTIONS],
        "searchParam": [_parameter(each) for each in parameters_of("").values()],
        "operation": list(_OF_ALL),
        "compartment": list(_COMPARTMENTS),
    }


def _resource(type_: str) -> dict[str, Any]:
    parameters = parameters_of(type_).values()
    includes = [
        f"{type_}:{each.name}" for each in parameters if each.kind is Kind.REFERENCE
    ]
    statement: dict[str, Any] = {
        "type": type_,
        "interaction": [{"code": each} for each in _TYPE_INTERACTIONS],
        "versioning": "versioned",
        "readHistory": True,
        "updateCreate": True,
        "conditionalCreate": True,
        "conditionalRead": "full-support",
        "conditionalUpdate": True,
        "conditionalDelete": "multiple",
        "referencePolicy": ["literal", "logical", "local"],
        "searchInclude": includes,
        "searchRevInclude": _referring(type_),
        "searchParam": [_parameter(each) for each in parameters],
        "operation": [
            {"name": "validate", "definition": _VALIDATE},
            *(_OF_PATIENTS if type_ == "Patient" else ()),
        ],
    }
    return {name: value for name, value in statement.items() if value != []}


def _referring(type_: str) -> list[str]:
    return [
        f"{other}:{each.name}"
        for other in served_types()
        for each in parameters_of(other).values()
        if each.kind is Kind.REFERENCE and {type_, ANY_TYPE} & set(each.target)
    ]


def _parameter(parameter: Parameter) -> dict[str, str]:
    return {"name": parameter.name, "type": parameter.kind.value}
