"""How much one operation may ask: told before it is validated or executed.

Tokens are counted by the parser. Then the document is walked once, each fragment too,
however often it is spread: its depth, aliases, directives, and what it costs. A field
costs one, or more where it answers much, and what lies below ``edges`` as often as the
page has rows; so the cost is the number of values in the largest possible answer.
"""

import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from django.conf import settings
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)
from strawberry.extensions import SchemaExtension

from core.errors import TooLarge
from core.graphql.connections import DEFAULT_PAGE, MAXIMUM_PAGE

MAXIMUM_QUERY_CHARACTERS: Final = 50_000
MAXIMUM_TOKENS: Final = 2_000
MAXIMUM_DEPTH: Final = 20
MAXIMUM_ALIASES: Final = 50
MAXIMUM_DIRECTIVES: Final = 50
# Fields that answer many values at once, by what they are about as large as.
_COSTS: Final = {
    "attributes": 5,
    "dicomJson": 20,
    "history": 50,
    "patientKeys": 20,
    "resource": 20,
    "timeline": 1_000,
    "studyInstanceUids": 20,
}
_INTROSPECTION: Final = frozenset({"__schema", "__type"})


class Measure(NamedTuple):
    """What a part of a document asks.

    Attributes
    ----------
    cost
        Values that it answers at most.
    """

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    cost: int = 0

    def __add__(self, other: object) -> "Measure":
        """Return the measure of both beside each other."""
        if not isinstance(other, Measure):
            return NotImplemented
        return Measure(
            max(self.depth, other.depth),
            self.aliases + other.aliases,
            self.directives + other.directives,
            self.cost + other.cost,
        )


class LimitOperations(SchemaExtension):
    """Refuses what asks for more than one operation may."""

    def on_operation(self) -> Iterator[None]:
        """Have the parser count tokens."""
        self.execution_context.parse_options["max_tokens"] = MAXIMUM_TOKENS
        yield

    def on_validate(self) -> Iterator[None]:
        """Measure the document in place of validating one that is too large."""
        context = self.execution_context
        if context.graphql_document is not None:
            error = _refusal(context.graphql_document, context.variables or {})
            if error is None and context.context.operation_name is None:
                error = _ambiguous(context.graphql_document)
            if error is not None:
                context.pre_execution_errors = [error]
        yield


def measure(document: DocumentNode, variables: Mapping[str, Any]) -> Measure:
    """Return what all operations of a document ask."""
    walk = _Walk(document, variables)
    operations = (
        definition
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode)
    )
    return sum(map(walk.operation, operations), Measure())


def _refusal(
    document: DocumentNode, variables: Mapping[str, Any]
) -> GraphQLError | None:
    try:
        found = measure(document, variables)
    except RecursionError:  # fragments in fragments
        found = Measure(depth=sys.getrecursionlimit())
    limits = (
        ("levels deep", found.depth, MAXIMUM_DEPTH),
        ("aliases", found.aliases, MAXIMUM_ALIASES),
        ("directives", found.directives, MAXIMUM_DIRECTIVES),
        ("values, pages multiplied", found.cost, settings.GRAPHQL_COST),
    )
    for what, number, maximum in limits:
        if number > maximum:
            message = f"The query asks for {number} {what}; {maximum} at most."
            error = TooLarge(message)
            return GraphQLError(message, original_error=error)
    return None


def _ambiguous(document: DocumentNode) -> GraphQLError | None:
    """Return an error where it is not clear which operation is meant (GraphQL 6.1)."""
    kinds = [isinstance(each, OperationDefinitionNode) for each in document.definitions]
    if sum(kinds) > 1:
        return GraphQLError("Must provide operationName: there are several operations.")
    return None


class _Walk:
    """Measures parts of one document, each fragment once for each size of page."""

    def __init__(self, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        self._variables = variables
        self._defaults: dict[str, ValueNode | None] = {}
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._measured: dict[tuple[str, int], Measure] = {}

    def operation(self, node: OperationDefinitionNode) -> Measure:
        """Return what an operation asks."""
        self._defaults = {
            given.variable.name.value: given.default_value
            for given in node.variable_definitions or ()
        }
        self._measured.clear()
        own = Measure(directives=len(node.directives or ()))
        return own + self._selections(node.selection_set, page=1)

    def _selections(self, node: SelectionSetNode | None, page: int) -> Measure:
        found = Measure()
        for selection in node.selections if node else ():
            found += Measure(directives=len(selection.directives or ()))
            if isinstance(selection, FieldNode):
                found += self._field(selection, page)
            elif isinstance(selection, FragmentSpreadNode):
                found += self._fragment(selection.name.value, page)
            else:
                found += self._selections(
                    getattr(selection, "selection_set", None), page
                )
        return found

    def _fragment(self, name: str, page: int) -> Measure:
        key = (name, page)
        fragment = self._fragments.get(name)
        if key not in self._measured and fragment is not None:
            self._measured[key] = Measure()  # what spreads itself is refused later
            own = Measure(directives=len(fragment.directives or ()))
            inner = self._selections(fragment.selection_set, page)
            self._measured[key] = own + inner
        return self._measured.get(key, Measure())

    def _field(self, node: FieldNode, page: int) -> Measure:
        name = node.name.value
        inner = self._selections(node.selection_set, self._page(node))
        times = page if name == "edges" else self._number_of_ids(node)
        own = _COSTS.get(name, 1)
        cost = 0 if name in _INTROSPECTION else own + inner.cost * times
        alias = int(node.alias is not None)
        return Measure(
            inner.depth + 1, inner.aliases + alias, inner.directives, min(cost, 10**12)
        )

    def _page(self, node: FieldNode) -> int:
        """Return how many rows a page of the field has, where it is a connection."""
        value = self._argument(node, "first")
        if value is None:
            return DEFAULT_PAGE
        return value if isinstance(value, int) and value >= 0 else MAXIMUM_PAGE

    def _number_of_ids(self, node: FieldNode) -> int:
        value = self._argument(node, "ids")
        return max(1, len(value)) if isinstance(value, list) else 1

    def _argument(self, node: FieldNode, name: str) -> Any:
        for argument in node.arguments or ():
            if argument.name.value == name:
                return self._value(argument.value)
        return None

    def _value(self, node: ValueNode | None) -> Any:
        match node:
            case VariableNode():
                name = node.name.value
                if name in self._variables:
                    return self._variables[name]
                return self._value(self._defaults.get(name))  # holds no variable
            case IntValueNode():
                return int(node.value) if len(node.value) < 10 else MAXIMUM_PAGE
            case ListValueNode():
                return list(node.values)
        return None
