"""Rules of FHIR R4 over several elements, for what this portal keeps.

The key is the standard's; a rule holds where its predicate does. They look at resources
whose structure is right. Rules of warnings, and of what is kept nowhere here, are left out.

References
----------
FHIR R4, "Constraints" on the page of each type.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from fhirlink.validation.predicates import (
    all_of,
    amount,
    any_of,
    at_most_one,
    codings,
    fixed_unit,
    has,
    has_code,
    implies,
    in_order,
    is_one,
    not_before,
    nothing_said_twice,
)

Json = Mapping[str, Any]


class Rule(NamedTuple):
    """What must hold for each object of a type."""

    key: str
    words: str
    holds: Callable[[Json], bool]


_ALLERGY: Final = (
    "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
)
_VERIFIED: Final = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_CLINICAL: Final = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_QUANTITY: Final = Rule(
    "qty-3", "a code of a unit needs its system", implies("code", "system")
)


def _is_wrong(system: str) -> Callable[[Json], bool]:
    return lambda o: has_code(o.get("verificationStatus"), system, "entered-in-error")


def _amounts(*rules: Rule) -> tuple[Rule, ...]:
    return (_QUANTITY, *rules)


def _component_says_the_same(o: Json) -> bool:
    own = codings(o.get("code"))
    return any(own & codings(each.get("code")) for each in o.get("component", ()))


_IN_HISTORY: Final = frozenset({"history"})
_REQUESTS: Final = frozenset({"batch", "transaction", "history"})
_RESPONSES: Final = frozenset({"batch-response", "transaction-response", "history"})


def _every_entry(name: str, types: frozenset[str]) -> Callable[[Json], bool]:
    return lambda o: all(
        has(e, name) == (o.get("type") in types) for e in o.get("entry", ())
    )


def _first_is(bundle: str, type_: str) -> Callable[[Json], bool]:
    def holds(o: Json) -> bool:
        first: Json = o["entry"][0] if o.get("entry") else {}
        return (
            o.get("type") != bundle
            or first.get("resource", {}).get("resourceType") == type_
        )

    return holds


RULES: Final[Mapping[str, tuple[Rule, ...]]] = {
    "Extension": (
        Rule("ext-1", "an extension has a value or extensions, not both", is_one("extension", "value[x]")),
    ),
    "Period": (Rule("per-1", "a period must not end before it starts", in_order("start", "end")),),
    "Quantity": _amounts(),
    "Age": _amounts(
        Rule("age-1", "an age has a code of UCUM, and is more than nothing", fixed_unit(least=0)),
    ),
    "Count": _amounts(
        Rule("cnt-3", "a count is a whole number with the code 1 of UCUM", fixed_unit(code="1", is_whole=True)),
    ),
    "Distance": _amounts(Rule("dis-1", "a distance has a code of UCUM", fixed_unit())),
    "Duration": _amounts(
        Rule("drt-1", "a code of a duration is of UCUM and has a value", lambda o: not has(o, "code") or (o.get("system") == "http://unitsofmeasure.org" and has(o, "value"))),
    ),
    "Range": (Rule("rng-2", "low must not be more than high", lambda o: not_before(amount(o.get("high")), amount(o.get("low")))),),
    "Ratio": (
        Rule("rat-1", "numerator and denominator come together, or an extension instead", lambda o: has(o, "numerator") == has(o, "denominator") and (has(o, "numerator") or has(o, "extension"))),
    ),
    "Attachment": (Rule("att-1", "data needs a contentType", implies("data", "contentType")),),
    "ContactPoint": (Rule("cpt-2", "a value needs a system", implies("value", "system")),),
    "Expression": (Rule("exp-1", "there must be an expression or a reference", any_of("expression", "reference")),),
    "Timing.repeat": (
        Rule("tim-1", "duration needs durationUnit", implies("duration", "durationUnit")),
        Rule("tim-2", "period needs periodUnit", implies("period", "periodUnit")),
        Rule("tim-4", "duration must not be negative", lambda o: o.get("duration", 0) >= 0),
        Rule("tim-5", "period must not be negative", lambda o: o.get("period", 0) >= 0),
        Rule("tim-6", "periodMax needs period", implies("periodMax", "period")),
        Rule("tim-7", "durationMax needs duration", implies("durationMax", "duration")),
        Rule("tim-8", "countMax needs count", implies("countMax", "count")),
        Rule("tim-9", "offset needs a when that is no meal itself", lambda o: not has(o, "offset") or (has(o, "when") and not {"C", "CM", "CD", "CV"} & {*o.get("when", ())})),
        Rule("tim-10", "there is timeOfDay or when, not both", at_most_one("timeOfDay", "when")),
    ),
    "AllergyIntolerance": (
        Rule("ait-1", "clinicalStatus must be there, unless it was entered in error", lambda o: _is_wrong(_ALLERGY)(o) or has(o, "clinicalStatus")),
        Rule("ait-2", "what was entered in error has no clinicalStatus", lambda o: not (_is_wrong(_ALLERGY)(o) and has(o, "clinicalStatus"))),
    ),
    "Appointment": (
        Rule("app-2", "start and end come together", lambda o: has(o, "start") == has(o, "end")),
        Rule("app-3", "start and end must be there, unless it is proposed, cancelled or on a waiting list", lambda o: all_of("start", "end")(o) or o.get("status") in {"proposed", "cancelled", "waitlist"}),
        Rule("app-4", "cancelationReason is of what was cancelled or not come to", lambda o: not has(o, "cancelationReason") or o.get("status") in {"noshow", "cancelled"}),
    ),
    "Appointment.participant": (Rule("app-1", "there must be a type or an actor", any_of("type", "actor")),),
    "AuditEvent.entity": (Rule("sev-1", "there is a name or a query, not both", at_most_one("name", "query")),),
    "CarePlan.activity": (Rule("cpl-3", "there is a detail or a reference, not both", at_most_one("detail", "reference")),),
    "Condition": (
        Rule("con-4", "what has abated is inactive, resolved or in remission", lambda o: not has(o, "abatement[x]") or any(has_code(o.get("clinicalStatus"), _CLINICAL, each) for each in ("inactive", "resolved", "remission"))),
        Rule("con-5", "what was entered in error has no clinicalStatus", lambda o: not (_is_wrong(_VERIFIED)(o) and has(o, "clinicalStatus"))),
    ),
    "Condition.stage": (Rule("con-1", "there must be a summary or an assessment", any_of("summary", "assessment")),),
    "Condition.evidence": (Rule("con-2", "there must be a code or a detail", any_of("code", "detail")),),
    "Consent": (Rule("ppc-1", "there must be a policy or a policyRule", any_of("policy", "policyRule")),),
    "Group": (Rule("grp-1", "only an actual group has members", lambda o: not has(o, "member") or o.get("actual") is True),),
    "Immunization.education": (Rule("imm-1", "there must be a documentType or a reference", any_of("documentType", "reference")),),
    "List": (
        Rule("lst-1", "only an empty list has an emptyReason", at_most_one("emptyReason", "entry")),
        Rule("lst-2", "entries are deleted in lists of changes only", lambda o: o.get("mode") == "changes" or not any(has(e, "deleted") for e in o.get("entry", ()))),
        Rule("lst-3", "entries have dates in working lists only", lambda o: o.get("mode") == "working" or not any(has(e, "date") for e in o.get("entry", ()))),
    ),
    "MedicationAdministration.dosage": (Rule("mad-1", "there must be a dose or a rate", any_of("dose", "rate[x]")),),
    "Observation": (
        Rule("obs-6", "dataAbsentReason is for where there is no value", at_most_one("dataAbsentReason", "value[x]")),
        Rule("obs-7", "a component with the same code has the value, not the observation", lambda o: not has(o, "value[x]") or not _component_says_the_same(o)),
    ),
    "Observation.referenceRange": (Rule("obs-3", "there must be low, high or text", any_of("low", "high", "text")),),
    "Organization": (
        Rule("org-1", "there must be a name or an identifier", any_of("name", "identifier")),
        Rule("org-2", "the address of an organization is nobody's home", lambda o: not any(e.get("use") == "home" for e in o.get("address", ()))),
        Rule("org-3", "the telecom of an organization is nobody's home", lambda o: not any(e.get("use") == "home" for e in o.get("telecom", ()))),
    ),
    "Patient.contact": (Rule("pat-1", "there must be a name, telecom, address or organization", any_of("name", "telecom", "address", "organization")),),
    "ServiceRequest": (Rule("prr-1", "orderDetail needs a code", implies("orderDetail", "code")),),
    "Task": (Rule("inv-1", "lastModified must not be before authoredOn", in_order("authoredOn", "lastModified")),),
    "Bundle": (
        Rule("bdl-1", "a total is of searches and histories only", lambda o: not has(o, "total") or o.get("type") in {"searchset", "history"}),
        Rule("bdl-2", "entry.search is of searches only", lambda o: o.get("type") == "searchset" or not any(has(e, "search") for e in o.get("entry", ()))),
        Rule("bdl-3", "each entry of a batch, transaction or history has a request, and no other", _every_entry("request", _REQUESTS)),
        Rule("bdl-4", "each entry of a response or history has a response, and no other", _every_entry("response", _RESPONSES)),
        Rule("bdl-7", "a fullUrl must be given once, or with versions", lambda o: o.get("type") in _IN_HISTORY or nothing_said_twice(o.get("entry", ()))),
        Rule("bdl-9", "a document has an identifier with system and value", lambda o: o.get("type") != "document" or all_of("system", "value")(o.get("identifier", {}))),
        Rule("bdl-10", "a document has a timestamp", lambda o: o.get("type") != "document" or has(o, "timestamp")),
        Rule("bdl-11", "a document begins with a Composition", _first_is("document", "Composition")),
        Rule("bdl-12", "a message begins with a MessageHeader", _first_is("message", "MessageHeader")),
    ),
    "Bundle.entry": (
        Rule("bdl-5", "there must be a resource, a request or a response", any_of("resource", "request", "response")),
        Rule("bdl-8", "fullUrl names no version", lambda o: "/_history/" not in o.get("fullUrl", "")),
    ),
}  # fmt: skip

RULED: Final = frozenset(RULES)
