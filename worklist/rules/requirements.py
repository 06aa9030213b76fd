"""What breaks table CC.2.5-3 in a data set that creates or updates: pure.

The data set is well-formed (`worklist.rules.reading`). Each row asks for something by
its usage in the service (DICOM PS3.4 5.4.2.1), by its condition and by its values.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from imaging.part10.model import JsonModel
from worklist.rules.attributes import NOT_ALLOWED, Attribute, Usage
from worklist.rules.conditions import CONDITIONS, has_value, values_of
from worklist.rules.findings import Finding, Place, Rule

CHARACTER_SET: Final = "00080005"
MODIFIED: Final = "00404010"
STATE: Final = "00741000"
WORKLIST_LABEL: Final = "00741202"

SET_BY_SERVER: Final = frozenset({CHARACTER_SET, MODIFIED})
"""What the server sets in each creation and update, whatever is sent."""
_REQUIRED: Final = frozenset({"1", "1C", "2", "2C"})
_SET_BY_AZURE: Final = frozenset({STATE, WORKLIST_LABEL})
"""What Azure's service sets in each creation as well."""


class Service(NamedTuple):
    """How data sets of one service are looked at.

    Attributes
    ----------
    is_update
        Whether a workitem is updated; else created.
    is_azure
        Whether conditional attributes are optional, and some are set by the server.
    """

    is_update: bool
    is_azure: bool = False

    def usage(self, attribute: Attribute) -> Usage:
        """Return what the service asks for."""
        return attribute.update if self.is_update else attribute.create

    def sets(self, attribute: Attribute) -> bool:
        """Tell whether the server sets it, so that it is not looked at."""
        if attribute.path in SET_BY_SERVER:
            return True
        return self.is_azure and not self.is_update and attribute.path in _SET_BY_AZURE


def broken_rows(
    attributes: Mapping[str, Attribute],
    item: JsonModel,
    around: JsonModel,
    place: Place,
    service: Service,
) -> Iterator[Finding]:
    """Yield what breaks the table in a data set or an item.

    Parameters
    ----------
    around
        What the item stands in; of a data set itself the same.
    """
    for tag, attribute in attributes.items():
        if tag in item:
            if not service.sets(attribute):
                yield from _present(attribute, item, around, place, service)
        elif service.usage(attribute).scu in _REQUIRED and not service.sets(attribute):
            yield from _absent(attribute, item, around, place, service)


def _absent(
    attribute: Attribute,
    item: JsonModel,
    around: JsonModel,
    place: Place,
    service: Service,
) -> Iterator[Finding]:
    usage = service.usage(attribute)
    if not _is_required(attribute, item, around, service):
        return
    needs_value = usage.scu.startswith("1")
    condition = CONDITIONS.get(attribute.condition)
    reason = f" It is needed because {condition.words}." if condition else ""
    remedy = "Send it with a value."
    if not needs_value:
        remedy = "Send it, empty where nothing is known."
    if usage.value == "empty":
        remedy = "Send it without a value."
    yield place.finding(
        attribute.tag,
        attribute.keyword,
        Rule.MISSING,
        f"is missing.{reason} {remedy}",
        is_mendable=not (needs_value or place.prefix),
    )


def _present(
    attribute: Attribute,
    item: JsonModel,
    around: JsonModel,
    place: Place,
    service: Service,
) -> Iterator[Finding]:
    usage = service.usage(attribute)
    tag = attribute.tag
    if usage.scu == NOT_ALLOWED:
        yield _not_allowed(attribute, place, service)
    elif not has_value(item, tag):
        if _needs_value(attribute, item, around, service):
            message = "has no value. Send one, or leave the attribute out."
            if usage.scu == "1":
                message = "has no value. Send one."
            yield place.finding(tag, attribute.keyword, Rule.EMPTY, message)
    elif usage.value == "empty":
        message = "has to be empty when a workitem is created."
        yield place.finding(tag, attribute.keyword, Rule.NOT_EMPTY, message)
    elif usage.value:
        if values_of(item, tag) != [usage.value]:
            message = f"has to be {usage.value} when a workitem is created."
            yield place.finding(tag, attribute.keyword, Rule.STATE, message)
    else:
        yield from _values(attribute, item, place, service)


def _values(
    attribute: Attribute, item: JsonModel, place: Place, service: Service
) -> Iterator[Finding]:
    """Yield what is wrong with values: none of the enumerated ones, or in items."""
    tag = attribute.tag
    values = values_of(item, tag)
    if attribute.enumerated and not set(values) <= set(attribute.enumerated):
        message = f"has to be one of {', '.join(attribute.enumerated)}."
        yield place.finding(tag, attribute.keyword, Rule.ENUMERATED, message)
    if attribute.vr == "SQ" and attribute.children:
        for number, each in enumerate(values, 1):
            inside = place.item(tag, attribute.keyword, number)
            yield from broken_rows(attribute.children, each, item, inside, service)


def _is_required(
    attribute: Attribute, item: JsonModel, around: JsonModel, service: Service
) -> bool:
    if service.usage(attribute).scu not in _REQUIRED:
        return False
    if not attribute.condition:
        return True
    condition = CONDITIONS.get(attribute.condition)
    return not service.is_azure and bool(condition and condition.test(item, around))


def _needs_value(
    attribute: Attribute, item: JsonModel, around: JsonModel, service: Service
) -> bool:
    """Tell whether an attribute that is there must not be empty."""
    usage = service.usage(attribute)
    return usage.has_value or (
        usage.scu in {"1", "1C"} and _is_required(attribute, item, around, service)
    )


def _not_allowed(attribute: Attribute, place: Place, service: Service) -> Finding:
    message = "is not allowed here. Leave it out."
    if attribute.tag == STATE:
        message = "is not set by an update. Change the state instead."
    elif service.is_update:
        message = (
            "cannot be updated. Leave it out; to change it, cancel the workitem and "
            "create another one."
        )
    return place.finding(attribute.tag, attribute.keyword, Rule.NOT_ALLOWED, message)
