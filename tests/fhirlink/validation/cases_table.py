"""Resources that break a rule each, made of good ones; the referee agrees on them."""

import copy
from typing import Any, Final, NamedTuple

Json = dict[str, Any]

XHTML: Final = "http://www.w3.org/1999/xhtml"
ELE_1: Final = "ele-1: an element has more than an id"
RELATIVE: Final = "FHIR R4 2.3.0.1: a relative reference has a type that there is"
HTML: Final = "a reader of HTML would take it for a script"
EMPTY: Final = "FHIR R4 2.24.0.1: strings are not empty"


def coded(system: str, code: str) -> Json:
    return {"coding": [{"system": system, "code": code}]}


def terms(name: str, code: str) -> Json:
    return coded(f"http://terminology.hl7.org/CodeSystem/{name}", code)


PATIENT: Final[Json] = {
    "resourceType": "Patient",
    "id": "p-1.A",
    "meta": {"lastUpdated": "2024-02-29T23:59:60.123+14:00", "versionId": "3"},
    "text": {
        "status": "generated",
        "div": f'<div xmlns="{XHTML}"><!-- c --><p class="x">A &amp; <b>B</b><br/></p></div>',
    },
    "identifier": [{"system": "urn:oid:1.2.36.146.595.217.0.1", "value": "12345"}],
    "active": True,
    "name": [
        {
            "use": "official",
            "family": "Ætna",
            "_family": {
                "extension": [{"url": "http://x.example/own", "valueString": "v"}]
            },
            "given": ["A", None],
            "_given": [
                None,
                {"extension": [{"url": "http://x.example/e", "valueCode": "c"}]},
            ],
        }
    ],
    "telecom": [{"system": "phone", "value": "1", "rank": 1}],
    "gender": "female",
    "birthDate": "1974-12",
    "_birthDate": {
        "extension": [
            {"url": "http://x.example/t", "valueDateTime": "1974-12-25T14:35:45-05:00"}
        ]
    },
    "deceasedBoolean": False,
    "contact": [{"organization": {"reference": "Organization/1"}}],
    "managingOrganization": {"reference": "https://other.example/fhir/Organization/1"},
    "link": [{"other": {"reference": "Patient/2"}, "type": "seealso"}],
}
OBSERVATION: Final[Json] = {
    "resourceType": "Observation",
    "contained": [{"resourceType": "Device", "id": "d", "status": "active"}],
    "status": "final",
    "code": coded("http://loinc.org", "8480-6"),
    "subject": {"reference": "Patient/1/_history/2", "type": "Patient"},
    "device": {"reference": "#d"},
    "effectivePeriod": {"start": "2020-01-01T09:00:00Z", "end": "2020-01-01T10:00:00Z"},
    "issued": "2020-01-01T10:00:00Z",
    "valueQuantity": {
        "value": 120.50,
        "unit": "mm[Hg]",
        "system": "http://unitsofmeasure.org",
        "code": "mm[Hg]",
    },
    "referenceRange": [{"low": {"value": 1}, "high": {"value": 2}}],
    "component": [
        {
            "code": coded("http://loinc.org", "8462-4"),
            "valueSampledData": {
                "origin": {"value": 0},
                "period": 10,
                "dimensions": 1,
                "data": "1 2 E",
            },
        }
    ],
}
CONDITION: Final[Json] = {
    "resourceType": "Condition",
    "clinicalStatus": terms("condition-clinical", "resolved"),
    "verificationStatus": terms("condition-ver-status", "confirmed"),
    "code": {"text": "x"},
    "subject": {"reference": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"},
    "abatementAge": {
        "value": 3,
        "unit": "y",
        "system": "http://unitsofmeasure.org",
        "code": "a",
    },
    "stage": [{"summary": {"text": "I"}}],
    "evidence": [{"code": [{"text": "x"}]}],
}
ALLERGY: Final[Json] = {
    "resourceType": "AllergyIntolerance",
    "clinicalStatus": terms("allergyintolerance-clinical", "active"),
    "verificationStatus": terms("allergyintolerance-verification", "confirmed"),
    "category": ["food", "medication"],
    "patient": {"reference": "Patient/1"},
}
REQUEST: Final[Json] = {
    "resourceType": "MedicationRequest",
    "status": "active",
    "intent": "order",
    "medicationCodeableConcept": {"text": "x"},
    "subject": {"reference": "Patient/1"},
    "dosageInstruction": [
        {
            "timing": {
                "repeat": {
                    "frequency": 1,
                    "period": 1,
                    "periodUnit": "d",
                    "when": ["HS"],
                }
            },
            "maxDosePerPeriod": {
                "numerator": {"value": 1},
                "denominator": {"value": 2},
            },
        }
    ],
}
REPORT: Final[Json] = {
    "resourceType": "DiagnosticReport",
    "status": "final",
    "code": {"text": "x"},
    "presentedForm": [{"contentType": "text/plain", "data": "SGVsbG8=", "size": 5}],
}
ORGANIZATION: Final[Json] = {"resourceType": "Organization", "name": "A"}
APPOINTMENT: Final[Json] = {
    "resourceType": "Appointment",
    "status": "booked",
    "start": "2020-01-01T10:00:00Z",
    "end": "2020-01-01T11:00:00Z",
    "participant": [{"actor": {"display": "x"}, "status": "accepted"}],
}
LIST: Final[Json] = {
    "resourceType": "List",
    "status": "current",
    "mode": "changes",
    "entry": [{"deleted": True, "item": {"display": "x"}}],
}
BUNDLE: Final[Json] = {
    "resourceType": "Bundle",
    "type": "transaction",
    "entry": [
        {
            "fullUrl": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
            "resource": {"resourceType": "Patient"},
            "request": {"method": "POST", "url": "Patient"},
        },
        {"request": {"method": "DELETE", "url": "Patient/5"}},
    ],
}
GOOD: Final = (
    *(PATIENT, OBSERVATION, CONDITION, ALLERGY, REQUEST, REPORT, ORGANIZATION),
    *(APPOINTMENT, LIST, BUNDLE),
)

REMOVED: Final = object()


class Case(NamedTuple):
    """A good resource with a change.

    Attributes
    ----------
    at
        Names and numbers that lead to what is changed.
    place
        FHIRPath of what is found; as `at` where it is empty.
    reason
        Why the referee and we differ.
    """

    resource: Json
    at: tuple[str | int, ...]
    value: Any
    place: str = ""
    reason: str = ""

    def changed(self) -> Json:
        """Return the resource with its change."""
        found = copy.deepcopy(self.resource)
        place: Any = found
        for step in self.at[:-1]:
            place = place[step]
        if self.value is REMOVED:
            del place[self.at[-1]]
        elif isinstance(place, list) and self.at[-1] == len(place):
            place.append(self.value)
        else:
            place[self.at[-1]] = self.value
        return found

    def expression(self) -> str:
        """Return the FHIRPath of what is wrong."""
        steps = "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in self.at)
        return self.place or f"{self.resource['resourceType']}{steps}"


P, O, C, A, R = PATIENT, OBSERVATION, CONDITION, ALLERGY, REQUEST  # noqa: E741
NAME, QUANTITY, RANGE = ("name", 0), ("valueQuantity",), ("referenceRange", 0)
REPEAT = ("dosageInstruction", 0, "timing", "repeat")
DEVICE, BUNDLED = ("contained", 0), ("entry", 0)


def div(inner: str) -> str:
    return f'<div xmlns="{XHTML}">{inner}</div>'


BAD: Final = (
    # names and numbers of elements
    Case(P, ("nickname",), "x"),
    Case(P, (*NAME, "nickname"), "x"),
    Case(P, ("_nickname",), {"id": "x"}),
    Case(P, ("_contact",), {"id": "x"}),
    Case(P, ("name",), PATIENT["name"][0]),
    Case(P, ("gender",), ["male"]),
    Case(P, ("name",), []),
    Case(P, ("name",), [[]], "Patient.name[0]"),
    Case(P, ("name",), "Ann"),
    Case(P, ("name", 0), "Ann"),
    Case(P, ("name", 0), {}),
    Case(P, ("name", 0), {"id": "x"}, reason=ELE_1),
    Case(P, ("name", 0), None),
    Case(P, ("managingOrganization",), {}),
    Case(P, ("managingOrganization",), None),
    Case(P, ("deceasedDateTime",), "2020"),
    Case(P, ("link", 0, "other"), REMOVED),
    Case(P, ("resourceType",), "Person2", "Person2.resourceType"),
    Case(O, ("code",), REMOVED),
    Case(O, ("status",), REMOVED),
    Case(O, ("component", 0, "code"), REMOVED),
    Case(O, ("component", 0, "valueSampledData", "data"), 5),
    Case(O, ("component", 0, "valueSampledData", "origin"), REMOVED),
    Case(O, ("valueString",), "x"),
    Case(O, ("value",), "x"),
    # primitives
    Case(P, ("active",), "true"),
    Case(P, ("active",), 1),
    Case(P, ("active",), None),
    Case(P, ("id",), "a_b"),
    Case(P, ("id",), "x" * 65),
    Case(P, ("id",), ""),
    Case(P, ("id",), 5),
    Case(P, ("birthDate",), "2021-02-29"),
    Case(P, ("birthDate",), "2021-13"),
    Case(P, ("birthDate",), "0000"),
    Case(P, ("birthDate",), "2021-1-1"),
    Case(P, ("birthDate",), "2021-01-01T10:00:00Z"),
    Case(P, ("birthDate",), 1974),
    Case(P, ("meta", "lastUpdated"), "2021-01-01"),
    Case(P, ("meta", "lastUpdated"), "2021-01-01T10:00:00"),
    Case(P, ("meta", "lastUpdated"), "2021-01-01T24:00:00Z"),
    Case(O, ("effectivePeriod", "start"), "2020-01-01T10:00:00"),
    Case(O, ("effectivePeriod", "start"), "2020-01-01T10:00Z"),
    Case(O, ("effectivePeriod", "start"), "2020-01-01 10:00:00Z"),
    Case(P, ("telecom", 0, "rank"), 0),
    Case(P, ("telecom", 0, "rank"), 1.5),
    Case(P, ("telecom", 0, "rank"), "1"),
    Case(P, ("telecom", 0, "rank"), 2**31),
    Case(P, (*NAME, "family"), "", reason=EMPTY),
    Case(P, (*NAME, "family"), 7),
    Case(P, (*NAME, "family"), " ", reason=EMPTY),
    Case(P, (*NAME, "given", 0), None),
    Case(P, (*NAME, "given", 0), ""),
    Case(O, (*QUANTITY, "value"), "5.0"),
    Case(O, (*QUANTITY, "value"), True),
    Case(O, (*QUANTITY, "value"), None),
    Case(O, (*QUANTITY, "code"), " mm[Hg]"),
    Case(O, (*QUANTITY, "system"), "http://a b"),
    Case(REPORT, ("presentedForm", 0, "data"), "SGVsbG8"),
    Case(REPORT, ("presentedForm", 0, "data"), "?"),
    # what a primitive has besides its value
    Case(P, ("_active",), "x", "Patient.active"),
    Case(P, ("_active",), {}, "Patient.active"),
    Case(P, ("_active",), None, "Patient.active"),
    Case(P, ("_active",), [{"id": "x"}], "Patient.active"),
    Case(P, (*NAME, "_given"), [None, None], "Patient.name[0].given"),
    Case(P, (*NAME, "_given"), {"id": "x"}, "Patient.name[0].given"),
    Case(P, (*NAME, "_given"), [None], "Patient.name[0].given"),
    Case(P, ("_active",), {"extension": [{"valueCode": "x"}]}, "Patient.active.extension[0].url"),
    Case(P, ("_active",), {"extension": [{"url": "http://x.example"}]}, "Patient.active.extension[0]"),
    Case(P, ("_birthDate", "extension", 0, "url"), "t", "Patient.birthDate.extension[0].url"),
    # codes of required bindings
    Case(P, ("gender",), "U"),
    Case(P, ("gender",), "Female"),
    Case(P, (*NAME, "use"), "main"),
    Case(P, ("link", 0, "type"), "same"),
    Case(P, ("text", "status"), "made"),
    Case(O, ("status",), "done"),
    Case(A, ("category", 1), "animal"),
    Case(A, ("clinicalStatus",), terms("allergyintolerance-clinical", "alive")),
    Case(C, ("clinicalStatus",), coded("http://x.example", "active")),
    Case(C, ("verificationStatus",), {"text": "sure"}),
    Case(BUNDLE, ("type",), "batch-of-things"),
    # narratives
    Case(P, ("text", "div"), "<p>x</p>"),
    Case(P, ("text", "div"), "<div>x</div>"),
    Case(P, ("text", "div"), div("")),
    Case(P, ("text", "div"), div("<b>x")),
    Case(P, ("text", "div"), div("x<script>alert(1)</script>")),
    Case(P, ("text", "div"), div('<p onclick="x">x</p>')),
    Case(P, ("text", "div"), div('<a href="javascript:x">x</a>')),
    Case(P, ("text", "div"), div("<form>x</form>")),
    Case(P, ("text", "div"), div("x<![CDATA[><script>alert(1)</script>]]>"), reason=HTML),
    Case(P, ("text", "div"), div("x<!--><script>alert(1)</script>-->"), reason=HTML),
    Case(P, ("text", "div"), div('<a href="JAVA&#10;script:x">x</a>')),
    Case(P, ("text", "div"), '<!DOCTYPE x [<!ENTITY a "b">]>' + div("&a;")),
    Case(P, ("text", "div"), div("&nothing;")),
    Case(P, ("text", "div"), div("<b>" * 200 + "x" + "</b>" * 200)),
    Case(P, ("text", "div"), REMOVED),
    # references and what is contained
    Case(O, ("subject", "reference"), "Somebody/1", reason=RELATIVE),
    Case(O, ("subject", "reference"), "1", reason=RELATIVE),
    Case(O, ("subject", "reference"), "#p"),
    Case(O, ("device",), REMOVED, "Observation.contained[0]"),
    Case(O, (*DEVICE, "id"), REMOVED),
    Case(O, (*DEVICE, "meta"), {"versionId": "1"}, "Observation.contained[0].meta.versionId"),
    Case(O, (*DEVICE, "contained"), [{"resourceType": "Patient", "id": "x", "active": True}]),
    Case(O, (*DEVICE, "resourceType"), "Thing"),
    Case(O, (*DEVICE, "status"), "new"),
    Case(O, ("contained", 1), {"resourceType": "Patient", "id": "d"}, "Observation.contained[0].id"),
    # rules over several elements
    Case(O, ("effectivePeriod", "end"), "2019-12-31", "Observation.effectivePeriod"),
    Case(O, (*QUANTITY, "system"), REMOVED, "Observation.valueQuantity"),
    Case(O, ("dataAbsentReason",), {"text": "x"}, "Observation"),
    Case(O, ("component", 0, "code"), OBSERVATION["code"], "Observation"),
    Case(O, (*RANGE,), {"appliesTo": [{"text": "x"}]}),
    Case(P, ("telecom", 0, "system"), REMOVED, "Patient.telecom[0]"),
    Case(P, ("contact", 0), {"gender": "male"}),
    Case(C, ("clinicalStatus",), terms("condition-clinical", "active"), "Condition"),
    Case(C, ("verificationStatus",), terms("condition-ver-status", "entered-in-error"), "Condition"),
    Case(C, ("abatementAge", "value"), -1, "Condition.abatementAge"),
    Case(C, ("abatementAge", "code"), REMOVED, "Condition.abatementAge"),
    Case(C, ("abatementAge", "system"), "http://x.example", "Condition.abatementAge"),
    Case(C, ("stage", 0), {"type": {"text": "x"}}),
    Case(C, ("evidence", 0), {"extension": [{"url": "http://x.example", "valueCode": "x"}]}),
    Case(A, ("clinicalStatus",), REMOVED, "AllergyIntolerance"),
    Case(
        A,
        ("verificationStatus",),
        terms("allergyintolerance-verification", "entered-in-error"),
        "AllergyIntolerance",
    ),
    Case(R, (*REPEAT, "periodUnit"), REMOVED, "MedicationRequest.dosageInstruction[0].timing.repeat"),
    Case(R, (*REPEAT, "period"), -1, "MedicationRequest.dosageInstruction[0].timing.repeat"),
    Case(R, (*REPEAT, "countMax"), 2, "MedicationRequest.dosageInstruction[0].timing.repeat"),
    Case(R, (*REPEAT, "duration"), 2, "MedicationRequest.dosageInstruction[0].timing.repeat"),
    Case(R, (*REPEAT, "timeOfDay"), ["08:00:00"], "MedicationRequest.dosageInstruction[0].timing.repeat"),
    Case(
        R,
        ("dosageInstruction", 0, "maxDosePerPeriod", "numerator"),
        REMOVED,
        "MedicationRequest.dosageInstruction[0].maxDosePerPeriod",
    ),
    Case(REPORT, ("presentedForm", 0, "contentType"), REMOVED, "DiagnosticReport.presentedForm[0]"),
    Case(ORGANIZATION, ("name",), REMOVED, "Organization"),
    Case(ORGANIZATION, ("telecom",), [{"system": "phone", "value": "1", "use": "home"}], "Organization"),
    Case(ORGANIZATION, ("address",), [{"use": "home", "text": "x"}], "Organization"),
    Case(APPOINTMENT, ("end",), REMOVED, "Appointment"),
    Case(APPOINTMENT, ("participant", 0, "actor"), REMOVED, "Appointment.participant[0]"),
    Case(APPOINTMENT, ("participant",), []),
    Case(LIST, ("mode",), "working", "List"),
    Case(LIST, ("emptyReason",), {"text": "x"}, "List"),
    Case(BUNDLE, (*BUNDLED, "request"), REMOVED, "Bundle"),
    Case(BUNDLE, (*BUNDLED, "search"), {"mode": "match"}, "Bundle"),
    Case(BUNDLE, ("total",), 1, "Bundle"),
    Case(BUNDLE, (*BUNDLED, "request", "method"), "STEAL"),
    Case(BUNDLE, (*BUNDLED, "resource", "gender"), "x"),
    Case(BUNDLE, (*BUNDLED, "fullUrl"), "http://x.example/Patient/1/_history/1", "Bundle.entry[0]"),
)  # fmt: skip


TAKEN: Final = (
    Case(O, (*QUANTITY, "code"), "furlong", reason="codes are checked where a binding is required"),
    Case(O, ("code",), coded("http://terminology.hl7.org/CodeSystem/v3-ActCode", "x"), reason="as above"),
    Case(
        O,
        ("effectivePeriod",),
        {"start": "2020-01-01", "end": "2020-01-01T10:00:00Z"},
        reason="a start on the day of the end may be before it: neither is known better",
    ),
    Case(
        P,
        ("identifier", 0),
        {"system": "urn:ietf:rfc:3986", "value": "1.2.3"},
        reason="hospitals do so; an identifier is kept as it comes",
    ),
    Case(
        REPORT,
        ("presentedForm", 0, "hash"),
        "AAAA",
        reason="what is attached is kept as it comes",
    ),
    Case(
        P,
        ("meta", "profile"),
        ["http://hl7.org/fhir/StructureDefinition/vitalsigns"],
        reason="profiles are not validated",
    ),
    Case(
        BUNDLE,
        ("entry", 0, "fullUrl"),
        "http://x.example/Patient/1",
        reason="who receives a bundle gives ids: fullUrl only tells entries apart",
    ),
    Case(
        P,
        ("text", "div"),
        div('<img src="#none"/>'),
        reason="images may lead anywhere",
    ),
)  # fmt: skip
