"""Groups of criteria as one condition on a patient: all, any, not, at least so many.

What is named in an ``all`` is bound by existence: the patient has events of which all
that is said holds together. Parts of an ``all`` that share no names are apart from
each other, so that PostgreSQL may begin with the rarest of them.
"""

from cohorts.criteria.model import (
    AllOf,
    AnyOf,
    AtLeast,
    Node,
    NotThis,
    OfCohort,
    OfEvent,
    OfPatient,
)
from cohorts.execution.events import Aliases, has_event, source_of
from cohorts.execution.names import Group, flat, groups_of, name_of
from cohorts.execution.persons import person_condition
from cohorts.execution.question import Asked, Names
from cohorts.execution.statement import Sql, all_of, any_of, fill, listed
from core.errors import Invalid


class Compiler:
    """Makes conditions on the patient of a statement; no alias of its comes twice."""

    def __init__(self) -> None:
        self.aliases = Aliases()

    def holds(self, asked: Asked, node: Node, names: Names) -> Sql:
        """Return that criteria hold of the patient; null may be false."""
        match node:
            case AllOf():
                return all_of(self.group(asked, e, names) for e in _groups(node, names))
            case AnyOf():
                return any_of(self.holds(asked, each, names) for each in node.any)
            case NotThis():
                # Uncertain is what could be so: of that it is certain that it is not.
                return self.fails(asked.sure(is_sure=False), node.not_, names)
            case AtLeast():
                return self._number(asked, node, names, ">=")
            case OfPatient():
                return person_condition(asked, node.patient, names)
            case OfEvent():
                return has_event(asked, node.event, names, self.aliases)
            case OfCohort():
                raise no_cohort(node)

    def fails(self, asked: Asked, node: Node, names: Names) -> Sql:
        """Return that criteria do not hold, or that it is not known; never null."""
        match node:
            case AllOf():
                return any_of(
                    self._group_fails(asked, each, names)
                    for each in _groups(node, names)
                )
            case AnyOf():
                return all_of(self.fails(asked, each, names) for each in node.any)
            case NotThis():
                return fill("({it} IS TRUE)", it=self.holds(asked, node.not_, names))
            case AtLeast():
                return self._number(asked, node, names, "<")
            case OfPatient():
                holds = person_condition(asked, node.patient, names)
                return fill("({holds} IS NOT TRUE)", holds=holds)
            case OfEvent():
                return fill(
                    "NOT {it}", it=has_event(asked, node.event, names, self.aliases)
                )
            case OfCohort():
                raise no_cohort(node)

    def group(self, asked: Asked, group: Group, names: Names) -> Sql:
        """Return that parts that share names hold together."""
        if not group.binders:
            return all_of(self.holds(asked, each.node, names) for each in group.parts)
        sources, conditions, _ = self.joined(asked, group, names)
        return fill(
            "EXISTS (SELECT FROM {sources} WHERE {conditions})",
            sources=listed(sources),
            conditions=all_of(conditions),
        )

    def joined(
        self, asked: Asked, group: Group, names: Names, without: int | None = None
    ) -> tuple[list[Sql], list[Sql], dict[str, str]]:
        """Return what a group selects from, on which conditions, and its names.

        Parameters
        ----------
        without
            The number of a part whose condition is left out.
        """
        sources: list[Sql] = []
        conditions: list[Sql] = []
        bound = dict(names)
        for number, each in ((part.number, part.node) for part in group.parts):
            if number in group.binders and isinstance(each, OfEvent):
                alias = self.aliases.new()
                source, more = source_of(asked, each.event, alias, bound, self.aliases)
                sources.append(source)
                conditions.append(more)
                bound[name_of(each)] = alias
            elif number != without:
                conditions.append(self.holds(asked, each, bound))
        return sources, conditions, bound

    def _group_fails(self, asked: Asked, group: Group, names: Names) -> Sql:
        if group.binders:
            return fill("NOT {it}", it=self.group(asked, group, names))
        return any_of(self.fails(asked, each.node, names) for each in group.parts)

    def _number(self, asked: Asked, node: AtLeast, names: Names, operator: str) -> Sql:
        parts = (self.holds(asked, each, names) for each in node.atleast.of)
        ones = (fill("CASE WHEN {it} THEN 1 ELSE 0 END", it=each) for each in parts)
        number = listed(ones, " + ")
        return Sql(f"({number.text} {operator} {node.atleast.n:d})", number.values)


def no_cohort(node: OfCohort) -> Invalid:
    """Return the error of criteria that name a cohort."""
    message = f"There is no saved cohort named {node.cohort}."
    return Invalid(message, path="cohort")


def _groups(node: AllOf, names: Names) -> list[Group]:
    return groups_of(list(flat(node, 0)), last_of(names))


def last_of(names: Names) -> str:
    """Return the name that was bound last."""
    return next(reversed(list(names)), "")
