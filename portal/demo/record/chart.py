"""A chart collects the resources of one life, in an order that references can trust.

Whatever a resource refers to stands before it.
"""

from datetime import date, datetime, time, timedelta, timezone
from typing import Any, Final, NamedTuple

from portal.demo.identity import chance
from portal.demo.record.codes import HL7, Coded, Element, of
from portal.demo.record.lives import Life
from portal.demo.stories import HOSPITAL

Resource = dict[str, Any]

ZONE: Final = timezone(timedelta(0))
CLASSES: Final = {
    "AMB": Coded(f"{HL7}/v3-ActCode", "AMB", "ambulatory"),
    "EMER": Coded(f"{HL7}/v3-ActCode", "EMER", "emergency"),
    "IMP": Coded(f"{HL7}/v3-ActCode", "IMP", "inpatient encounter"),
    "VR": Coded(f"{HL7}/v3-ActCode", "VR", "virtual"),
}


class Visit(NamedTuple):
    """An encounter that events belong to, from when to when."""

    encounter: Element
    at: datetime
    end: datetime
    doctor: Element

    def moment(self, minutes: int) -> str:
        """Return the time so many minutes after the beginning."""
        return stamp(self.at + timedelta(minutes=minutes))


class Chart:
    """The record of one life as it grows."""

    def __init__(self, life: Life) -> None:
        """Begin an empty chart with a source of chance of its own."""
        self.life = life
        self.luck = chance(life.seed, "record", life.key)
        self.resources: list[Resource] = []
        self.patient = {"reference": f"Patient/{life.key}"}
        self._numbers: dict[str, int] = {}

    def add(self, kind: str, /, **elements: Any) -> Element:
        """Write a resource down and return the reference to it.

        It gets an id and a business identifier after its number among its kind;
        elements that are None are left out. A trailing underscore parts an element
        from a word of Python (``class_``).
        """
        number = self._numbers[kind] = self._numbers.get(kind, 0) + 1
        return self.put(kind, f"{self.life.key}-{kind.lower()}-{number}", elements)

    def put(self, kind: str, key: str, elements: Element) -> Element:
        """Write a resource with a given id down and return the reference to it."""
        resource: Resource = {
            "resourceType": kind,
            "id": key,
            "identifier": [business_identifier(kind, key)],
        }
        for name, value in elements.items():
            if value is not None:
                resource[name.rstrip("_")] = value
        self.resources.append(resource)
        return {"reference": f"{kind}/{key}"}

    def is_over(self, day: date) -> bool:
        """Whether nothing is told of a day: it lies after the end or the record."""
        return day > self.life.end

    def day(self, day: date) -> datetime:
        """Return a moment in the working hours of a day."""
        minute = self.luck.randrange(8 * 60, 16 * 60)
        return datetime.combine(day, time(minute // 60, minute % 60), ZONE)

    def visit(
        self,
        at: datetime,
        reason: Element,
        *,
        place: str = "clinic",
        kind: str = "AMB",
        doctor: str = "baker",
        last: timedelta = timedelta(minutes=60),
        type_: Coded | None = None,
        disposition: Element | None = None,
    ) -> Visit:
        """Write an encounter down; it lasts a while, but no longer than the record."""
        night = datetime.combine(self.life.end, time(23, 59), ZONE)
        end = at + last if kind == "IMP" and disposition else min(at + last, night)
        who = {"reference": f"Practitioner/demo-practitioner-{doctor}"}
        encounter = self.add(
            "Encounter",
            status="finished",
            class_=CLASSES[kind].coding(),
            type=type_ and [of(type_)],
            subject=self.patient,
            participant=[{"individual": who}],
            period={"start": stamp(at), "end": stamp(end)},
            reasonCode=[reason],
            hospitalization=disposition and {"dischargeDisposition": disposition},
            location=[{"location": {"reference": f"Location/demo-location-{place}"}}],
            serviceProvider={"reference": "Organization/demo-organization-hospital"},
        )
        return Visit(encounter, at, end, who)


def business_identifier(kind: str, key: str) -> Element:
    """Return the identifier by which the hospital knows a resource."""
    return {"system": f"{HOSPITAL}/{kind.lower()}", "value": key}


def stamp(at: datetime) -> str:
    """Return a FHIR dateTime or instant."""
    return at.isoformat(timespec="seconds")
