"""When an attribute of type 1C or 2C is required: the conditions of table CC.2.5-3.

A test looks at the item that the attribute stands in, and at the item (or data set)
around that. Conditions of which only the sender knows whether they hold have no test
here: whether a human performer is meant, whether instances will be made, whether a
reference is to some frames only, and whether a name is known. Where one of several
attributes has to be there, one of them is told of, not each.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from imaging.part10.model import JsonModel
from worklist.rules.attributes_table import NOT_OF_STUDIES

_CODE_VALUE: Final = "00080100"
_LONG_CODE_VALUE: Final = "00080119"
_URN_CODE_VALUE: Final = "00080120"
_SCHEME: Final = "00080102"
_VALUE_TYPE: Final = "0040A040"
_TYPE_OF_INSTANCES: Final = "0040E020"
_REFERENCES: Final = "00081199"
_REFERENCED_CLASS: Final = "00081150"
_UNIVERSAL_ENTITY: Final = "00400032"
_CATEGORY: Final = "00100046"
_RETRIEVAL: Final = ("0040E022", "0040E023", "0040E024", "0040E025")
_STORAGE: Final = ("00404072", "00404074")

Test = Callable[[JsonModel, JsonModel], bool]


class Condition(NamedTuple):
    """What makes an attribute required, and how that is said after "because"."""

    test: Test
    words: str


def values_of(item: JsonModel, tag: str) -> list[Any]:
    """Return the values of an attribute, none where it is empty or not there."""
    attribute = item.get(tag)
    return attribute.get("Value", []) if attribute else []


def has_value(item: JsonModel, tag: str) -> bool:
    """Tell whether an attribute is there with a value, or with an item."""
    attribute = item.get(tag, {})
    return bool(attribute.get("Value")) or "InlineBinary" in attribute


def _first(item: JsonModel, tag: str) -> object:
    values = values_of(item, tag)
    return values[0] if values else None


def _no_other_code(item: JsonModel, _: JsonModel) -> bool:
    return not (has_value(item, _LONG_CODE_VALUE) or has_value(item, _URN_CODE_VALUE))


def _needs_scheme(item: JsonModel, _: JsonModel) -> bool:
    return has_value(item, _CODE_VALUE) or has_value(item, _LONG_CODE_VALUE)


def _names_universal_entity(item: JsonModel, _: JsonModel) -> bool:
    return has_value(item, _UNIVERSAL_ENTITY)


def _names_no_universal_entity(item: JsonModel, _: JsonModel) -> bool:
    return not has_value(item, _UNIVERSAL_ENTITY)


def _is_of_a_study(item: JsonModel, _: JsonModel) -> bool:
    if _first(item, _TYPE_OF_INSTANCES) != "DICOM":
        return False
    references = values_of(item, _REFERENCES)
    classes = {_first(reference, _REFERENCED_CLASS) for reference in references}
    return not classes or not classes <= NOT_OF_STUDIES


def _is_document(_: JsonModel, around: JsonModel) -> bool:
    return _first(around, _TYPE_OF_INSTANCES) == "CDA"


def _is_specified(item: JsonModel, _: JsonModel) -> bool:
    code = _first(item, _CATEGORY)
    return isinstance(code, dict) and (
        (_first(code, _CODE_VALUE), _first(code, _SCHEME)) == ("131232", "DCM")
    )


def _none_of(tags: tuple[str, ...]) -> Test:
    def test(item: JsonModel, _: JsonModel) -> bool:
        return not any(has_value(item, tag) for tag in tags)

    return test


def _of_type(value_type: str) -> Condition:
    def test(item: JsonModel, _: JsonModel) -> bool:
        return _first(item, _VALUE_TYPE) == value_type

    return Condition(test, f"ValueType is {value_type}")


CONDITIONS: Final[Mapping[str, Condition]] = {
    "no_other_code": Condition(
        _no_other_code, "LongCodeValue and URNCodeValue have no value"
    ),
    "scheme_needed": Condition(_needs_scheme, "there is a code"),
    "universal_entity": Condition(
        _names_universal_entity, "UniversalEntityID has a value"
    ),
    "no_universal_entity": Condition(
        _names_no_universal_entity, "UniversalEntityID has no value"
    ),
    "of_a_study": Condition(
        _is_of_a_study, "TypeOfInstances is DICOM and the instances are of a study"
    ),
    "cda_document": Condition(_is_document, "TypeOfInstances is CDA"),
    "no_other_retrieval": Condition(
        _none_of(_RETRIEVAL),
        "there is no DICOMMediaRetrievalSequence, WADORetrievalSequence, "
        "XDSRetrievalSequence or WADORSRetrievalSequence",
    ),
    "no_other_storage": Condition(
        _none_of(_STORAGE),
        "there is no STOWRSStorageSequence or XDSStorageSequence",
    ),
    "specified_category": Condition(
        _is_specified, "the category is (131232, DCM, Specified)"
    ),
    "datetime_value": _of_type("DATETIME"),
    "date_value": _of_type("DATE"),
    "time_value": _of_type("TIME"),
    "name_value": _of_type("PNAME"),
    "uid_value": _of_type("UIDREF"),
    "text_value": _of_type("TEXT"),
    "code_value": _of_type("CODE"),
    "numeric_value": _of_type("NUMERIC"),
}
"""The conditions that a server can test, by the names that the table gives them."""

UNTESTED: Final = frozenset(
    {
        "character_set",
        "human_performer",
        "identifies_subject",
        "long_code",
        "makes_instances",
        "no_local_entity",
        "one_class",
        "other_retrieval",
        "other_storage",
        "performer_known",
        "replaces_step",
        "some_frames",
        "some_segments",
        "urn_code",
        "version_needed",
    }
)
"""Those that it cannot, or that another attribute stands for."""
