"""How people call what grants hang on: partitions and projects by their names.

Studies and patients keep their number: whoever sees grants need not see who a patient
is. Apps above name what is theirs.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.models import Partition, Scope, ScopeKind

Names = Callable[[Collection[int]], Mapping[int, str]]
"""From keys of things of one kind to their names."""

_CALLED: Final = "called"  # where a scope keeps its name, once it was looked up


def _names_of_partitions(keys: Collection[int]) -> Mapping[int, str]:
    return dict(Partition.objects.filter(pk__in=keys).values_list("pk", "name"))


_names: Final[dict[str, Names]] = {ScopeKind.PARTITION: _names_of_partitions}


def register_names(kind: ScopeKind, names: Names) -> None:
    """Have scopes of a kind called by `names`."""
    _names[kind] = names


def look_up_names(scopes: Iterable[Scope]) -> None:
    """Look up the names of scopes, those of one kind together."""
    held = list(scopes)
    for kind, names in _names.items():
        same = [scope for scope in held if scope.kind == kind]
        found = names([scope.object_id for scope in same]) if same else {}
        for scope in same:
            if scope.object_id in found:
                setattr(scope, _CALLED, f"{kind} {found[scope.object_id]}")


def name_of(scope: Scope) -> str:
    """Return how a scope is called, after `look_up_names`; else kind and number."""
    return str(getattr(scope, _CALLED, scope))


def way_to(scope: Scope) -> SafeString:
    """Return the way to who sees something."""
    address = reverse("admin:core_scope_change", args=[scope.pk])
    return format_html('<a href="{}">{}</a>', address, name_of(scope))
