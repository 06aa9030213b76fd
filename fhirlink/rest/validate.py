"""``$validate``: what would stand against a resource, without storing it.

References
----------
FHIR R4 3.2.0, operation ``validate`` on resources.
"""

from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from core.database import run
from fhirlink.json_text import Resource
from fhirlink.outcome import of_issues, saying
from fhirlink.rest.answers import json_answer
from fhirlink.rest.request import media_type_of, resource_of, type_of
from fhirlink.validation import Issue, check

_WELL: Final = "Nothing is wrong. Profiles and most code systems are not looked at."
_DELETE: Final = "Nothing would be looked at: any resource may be deleted."
_NO_RESOURCE: Final = Issue(
    "error",
    "required",
    "must hold a resource: as a parameter of this name, or alone",
    "Parameters.parameter.where(name='resource')",
)


async def validate(request: Request) -> Response:
    """Answer the issues of the resource that the body is, or has as a parameter."""
    media_type_of(request)
    type_ = type_of(request)
    given = await resource_of(request)
    outcome = await run(_outcome, given, type_, request.query_params.get("mode", ""))
    return json_answer(request, orjson.dumps(outcome))


def _outcome(given: Resource, type_: str, mode: str) -> dict[str, Any]:
    parameters = _parameters(given) if given.get("resourceType") == "Parameters" else {}
    if parameters.get("mode", mode) == "delete":
        return saying("information", _DELETE)
    resource = parameters.get("resource") if parameters else given
    if not isinstance(resource, dict):
        return of_issues([_NO_RESOURCE])
    issues = check(resource)
    if not issues and resource["resourceType"] != type_:
        words = f"must be {type_}, as the address says"
        place = f"{resource['resourceType']}.resourceType"
        issues = [Issue("error", "value", words, place)]
    return of_issues(issues) if issues else saying("information", _WELL)


def _parameters(given: Resource) -> dict[str, Any]:
    """Return the parameters by name: what they are, or the resources that they have."""
    listed = given.get("parameter")
    found: dict[str, Any] = {"resource": None}
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, dict) and isinstance(each.get("name"), str):
            found[each["name"]] = each.get("resource", each.get("valueCode"))
    return found
