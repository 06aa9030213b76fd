"""Which accounts may do something with an object: for pickers of people.

Who may, the reach of each account decides (`core.accounts.actors`), read for many of
them together; what the database looks for only leaves out who cannot.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Final
from unicodedata import normalize

from django.contrib.auth.models import Group, Permission
from django.db.models import Exists, Func, OuterRef, Q, QuerySet, TextField

from core.access import Actor, Verb
from core.accounts.actors import actors_of_accounts
from core.accounts.roles import EVERYWHERE
from core.models import Account, AccountGrant, GroupGrant, ScopeKind

AT_ONCE: Final = 200  # accounts that are decided about together
_OWN: Final = OuterRef("pk")
_NAMES: Final = ("username", "first_name", "last_name")
_SEPARATORS: Final = " .-"  # of the words of a name


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that is to be done with an object.

    Attributes
    ----------
    verbs
        All that it takes; the first one is a role's alone, no grant gives it.
    scopes
        Keys of the scopes that lead to the object, besides its partition's.
    """

    verbs: tuple[Verb, ...]
    partition_id: int
    scopes: frozenset[int]

    def is_of(self, actor: Actor) -> bool:
        """Return whether all of its verbs reach the object."""
        reaches = map(actor.reach, self.verbs)
        return all(each.leads_to(self.partition_id, self.scopes) for each in reaches)


def accounts_that_may(
    deed: Deed, *, words: str = "", after: str | None = None
) -> Iterator[Account]:
    """Yield the active accounts that may do something, by name.

    What is read of them is read as far as somebody goes on.

    Parameters
    ----------
    words
        Beginnings of words of the account's name, or of its person's, without regard to
        case and accents.
    after
        The name after which they begin.
    """
    names = {f"folded_{name}": _Folded(name) for name in _NAMES}
    likely = _likely(deed).alias(**names).filter(_called(words)).order_by("username")
    while True:
        rows = likely if after is None else likely.filter(username__gt=after)
        some = list(rows[:AT_ONCE])
        actors = actors_of_accounts(some)
        yield from (each for each in some if deed.is_of(actors[each.pk]))
        if len(some) < AT_ONCE:
            return
        after = some[-1].username


def _called(words: str) -> Q:
    """Return what is true of who is called so: each word begins a word of its names."""
    return reduce(and_, map(_begins, _folded(words).split()), Q())


def _begins(word: str) -> Q:
    found = Q()
    for name in _NAMES:
        found |= Q(**{f"folded_{name}__startswith": word})
        for separator in _SEPARATORS:
            found |= Q(**{f"folded_{name}__contains": f"{separator}{word}"})
    return found


def _folded(text: str) -> str:
    """Return a text in small letters and without accents, as `_Folded` does."""
    apart = normalize("NFKD", text.lower())
    return "".join(each for each in apart if not "\u0300" <= each <= "\u036f")


class _Folded(Func):
    """A column in small letters and without accents."""

    template = (
        "regexp_replace(normalize(lower(%(expressions)s), NFKD),"
        " '[\\u0300-\\u036f]', '', 'g')"
    )
    output_field = TextField()


def _likely(deed: Deed) -> QuerySet[Account]:
    """Return the accounts that have the role's verb, and something that leads there."""
    here = Q(content_object__in=deed.scopes) | Q(
        content_object__kind=ScopeKind.PARTITION,
        content_object__object_id=deed.partition_id,
    )
    leads = (
        (_has(EVERYWHERE) & Q(only_granted=False))
        | Exists(AccountGrant.objects.filter(here, user=_OWN))
        | Exists(GroupGrant.objects.filter(here, group__user=_OWN))
    )
    may = Q(is_superuser=True) | (_has(deed.verbs[0]) & leads)
    return Account.objects.filter(may, is_active=True)


def _has(codename: str) -> Q:
    """Return what is true of an account with a permission, of a role or its own."""
    of_role = Group.objects.filter(user=_OWN, permissions__codename=codename)
    own = Permission.objects.filter(user=_OWN, codename=codename)
    return Q(Exists(of_role) | Exists(own))
