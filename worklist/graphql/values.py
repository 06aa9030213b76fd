"""What workitems say, as fields: values of their data sets."""

from collections.abc import Callable
from typing import Any, Final

import strawberry

from core.models import Account
from imaging.graphql.values import PersonName
from imaging.index import tag_of
from imaging.part10 import JsonModel
from worklist import data_set
from worklist.data_set import items

_VALUES: Final = ("CodeValue", "LongCodeValue", "URNCodeValue")
_VALUE_TAGS: Final = tuple(map(tag_of, _VALUES))
_SCHEME: Final = tag_of("CodingSchemeDesignator")
_MEANING: Final = tag_of("CodeMeaning")


@strawberry.type(description="An item of a code sequence (DICOM PS3.3 8.8).")
class CodedValue:
    """A code and what it means."""

    value: str = strawberry.field(description="The code.")
    scheme: str = strawberry.field(
        description="Designator of its coding scheme; empty of a URN."
    )
    meaning: str = strawberry.field(description="What it means.")


@strawberry.type(description="A person who is to do something, or does it.")
class HumanPerformer:
    """An item of a sequence of human performers."""

    code: CodedValue | None = strawberry.field(
        description="Who it is, as a code; of accounts of the portal their names."
    )
    name: PersonName | None = strawberry.field(description="What it is called.")
    organization: str = strawberry.field(description="Of what; may be empty.")


@strawberry.type(description="An account, as lists to choose from name it.")
class AccountName:
    """What an account is called, and its person."""

    name: str = strawberry.field(description="What the account is called.")
    full_name: str = strawberry.field(
        description="What its person is called; may be empty."
    )


def account_name(account: Account) -> AccountName:
    """Return the names of an account."""
    return AccountName(name=account.username, full_name=account.get_full_name())


def coded(item: JsonModel) -> CodedValue:
    """Return an item of a code sequence."""
    values = (data_set.text(item, tag) for tag in _VALUE_TAGS)
    return CodedValue(
        value=next(filter(None, values), ""),
        scheme=data_set.text(item, _SCHEME),
        meaning=data_set.text(item, _MEANING),
    )


def name_of(model: JsonModel, tag: str) -> PersonName | None:
    """Return the first name that an attribute has."""
    value = data_set.first(model, tag)
    if not isinstance(value, dict):
        return None
    return PersonName(
        alphabetic=value.get("Alphabetic"),
        ideographic=value.get("Ideographic"),
        phonetic=value.get("Phonetic"),
    )


def text(keyword: str, description: str) -> Any:
    """Return a field with an attribute's first value, as text; null without one."""
    return _field(keyword, description, lambda m, tag: data_set.text(m, tag) or None)


def name(keyword: str, description: str) -> Any:
    """Return a field with an attribute's first value, as a person's name."""
    return _field(keyword, description, name_of)


def codes(keyword: str, description: str) -> Any:
    """Return a field with the items of a code sequence."""
    return _field(keyword, description, lambda m, tag: list(map(coded, items(m, tag))))


def _field(
    keyword: str, description: str, read: Callable[[JsonModel, str], Any]
) -> Any:
    tag = tag_of(keyword)

    def resolve(root: Any):  # type: ignore[no-untyped-def] # the class says its type
        return read(root.model, tag)

    return strawberry.field(resolver=resolve, description=description)
