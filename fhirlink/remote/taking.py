"""What a page of another server becomes here: ids, references, and merged contents.

A resource that is there becomes the one here that it is linked to; else the one with
the same business identifier, where there is exactly one; else a new one, whose id is
derived from its id there, so that it is the same whenever it is taken.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import uuid5

from core.database import raw_connection
from fhirlink.definitions.types import TYPES
from fhirlink.linkage.identifiers import of_study, study_uid
from fhirlink.linkage.patient import ORIGIN
from fhirlink.linkage.patient import is_ours as is_of_images
from fhirlink.models import RemoteResource, RemoteServer
from fhirlink.preconditions import must_be_at
from fhirlink.remote.api import Held
from fhirlink.remote.content import (
    Identifier,
    bare,
    digest,
    identifiers_of,
    merged,
    place_of,
    references,
    unsigned,
    with_references,
    without_tags,
)
from fhirlink.remote.links import Place, held_here, is_news, links_there
from fhirlink.search.rows import Found
from fhirlink.search.slots import TOKEN, Owner, term
from fhirlink.write import Change

_MATCH: Final = (
    "SELECT r.fhir_id, r.terms FROM fhirlink_resource r WHERE r.partition_id = %s"
    " AND r.type = %s AND NOT r.is_deleted AND r.terms && %s::bigint[]"
)
Content = dict[str, Any]


class Plan(NamedTuple):
    """What is to be written of a resource.

    Attributes
    ----------
    change
        None where there is nothing to write but that both agree.
    """

    link: RemoteResource
    change: Change | None


class Taking:
    """Resources of a page, with those that they refer to, on their way here."""

    def __init__(self, server: RemoteServer) -> None:
        self._server = server
        self._base = f"{server.base_url}/"
        self._news: dict[Place, Held] = {}
        self._links: dict[Place, RemoteResource] = {}
        self._asked: set[Place] = set()
        self._given_up: set[Place] = set()

    def add(self, found: Iterable[Held]) -> None:
        """Take resources along that are news."""
        held = {(each.type, each.fhir_id): each for each in found}
        self._look_up(held)
        for place, each in held.items():
            if is_news(self._links.get(place), each.version, each.content):
                self._news[place] = each

    def missing(self) -> dict[str, list[str]]:
        """Return ids, by type, of what is referred to and was never seen."""
        targets = {
            place
            for each in self._news.values()
            for reference in references(each.content)
            if (place := self._place(reference))
        }
        self._look_up(targets)
        found: dict[str, list[str]] = defaultdict(list)
        for place in sorted(targets - self._links.keys() - self._news.keys()):
            if place not in self._given_up and place[0] in self._server.types_in:
                found[place[0]].append(place[1])
        return found

    def give_up(self, missing: Mapping[str, Sequence[str]]) -> None:
        """Do not ask for these again: who has them not, has them not."""
        self._given_up |= {(t, each) for t, ids in missing.items() for each in ids}

    def plans(self) -> list[Plan]:
        """Return what is to be written, each resource once."""
        places = self._places_here()
        here = {(there[0], fhir_id): there for there, fhir_id in places.items()}
        held = held_here(self._server.partition_id, here)
        plans = []
        for place, theirs in sorted(self._news.items()):
            at = (place[0], places[place])
            plans.append(self._plan(theirs, at, held.get(at), places))
        return plans

    def _plan(
        self,
        theirs: Held,
        at: Place,
        held: Found | None,
        places: Mapping[Place, str],
    ) -> Plan:
        link = self._links.get((theirs.type, theirs.fhir_id))
        content: Content = with_references(
            unsigned(bare(theirs.content)),
            lambda address, element: self._referred(address, element, places),
        )
        here = held.parsed() if held is not None else {}
        ours = bare(here) if here else None
        is_ours = link.is_ours if link is not None else False
        whole = content
        ours_wins = ours is not None and (is_ours or self._stays(here))
        if ours is not None:
            known = link.names if link is not None and not is_ours else ()
            whole = merged(ours, content, ours_wins=ours_wins, known=known)
        agrees = digest(whole) == digest(content)
        if link is not None and ours is not None and is_ours:
            agrees = bytes(link.ours) == digest(ours)  # else a change waits to be sent
        new = RemoteResource(
            server=self._server,
            type=at[0],
            fhir_id=at[1],
            remote_id=theirs.fhir_id,
            is_ours=is_ours,
            etag=theirs.version,
            ours=digest(whole) if agrees else b"",
            theirs=digest(theirs.content),
            names=link.names if link is not None and is_ours else sorted(content),
        )
        if ours is not None and digest(whole) == digest(ours):
            return Plan(new, None)
        whole = {**whole, "id": at[1]}
        if not ours_wins:
            whole = without_tags(whole, ORIGIN["system"])  # not of images alone now
            source = f"{self._base}{theirs.type}/{theirs.fhir_id}"
            whole["meta"] = {**whole.get("meta", {}), "source": source}
        check = must_be_at(held.number) if held is not None else None
        return Plan(new, Change(at[0], at[1], "PUT", whole, check))

    def _look_up(self, places: Iterable[Place]) -> None:
        wanted = set(places) - self._asked
        if wanted:
            self._links |= links_there(self._server, wanted)
            self._asked |= wanted

    def _places_here(self) -> dict[Place, str]:
        """Return the id here of everything that is linked or taken, by its place."""
        places = {place: link.fhir_id for place, link in self._links.items()}
        by_type: dict[str, list[Held]] = defaultdict(list)
        for place, each in self._news.items():
            if place not in places:
                by_type[place[0]].append(each)
        for type_, several in by_type.items():
            matched = self._matched(type_, several)
            for each in several:
                name = f"{type_}/{each.fhir_id}"
                new = str(uuid5(self._server.namespace, name))
                places[type_, each.fhir_id] = matched.get(each.fhir_id, new)
        return places

    def _matched(self, type_: str, several: Sequence[Held]) -> dict[str, str]:
        """Return which resources here have the same identifiers: if one has, only one.

        One question for all of them.
        """
        owner = Owner(self._server.partition_id, type_, "identifier")
        terms = {
            each.fhir_id: {
                term(owner, TOKEN, *one) for one in _names(type_, each.content)
            }
            for each in several
        }
        wanted = sorted(set().union(*terms.values()))
        if not wanted:
            return {}
        rows = raw_connection().execute(_MATCH, (owner.partition_id, type_, wanted))
        # Who images alone tell of gives way where the record has the person as well.
        tagged = Owner(owner.partition_id, type_, "_tag")
        of_images = term(tagged, TOKEN, ORIGIN["system"], ORIGIN["code"])
        here: dict[int, set[str]] = defaultdict(set)
        for fhir_id, held in rows:
            for each in held:
                here[each].add(fhir_id)
        taken = self._linked_here(type_, set().union(*here.values()) if here else set())
        matched: dict[str, str] = {}
        for remote_id, each in terms.items():
            found = set().union(*(here.get(one, set()) for one in each)) - taken
            found = found - here.get(of_images, set()) or found
            if len(found) == 1:
                (matched[remote_id],) = found
                taken |= found
        return matched

    def _linked_here(self, type_: str, ids: set[str]) -> set[str]:
        """Return which of some resources here are others there already."""
        held = RemoteResource.objects.filter(
            server=self._server, type=type_, fhir_id__in=ids
        )
        return set(held.values_list("fhir_id", flat=True))

    def _place(self, reference: str) -> Place | None:
        """Return where on its server a reference leads; None: to somewhere else."""
        return place_of(reference.removeprefix(self._base))

    def _stays(self, here: Content) -> bool:
        """Return whether what is here, and was not sent, is stronger than theirs.

        What has come from there is not, and no Patient that images alone tell of: the
        record knows the person better.
        """
        is_taken = str(here.get("meta", {}).get("source", "")).startswith(self._base)
        is_patient = here.get("resourceType") == "Patient"
        return not (is_taken or (is_patient and is_of_images(here)))

    def _referred(self, address: str, element: Any, places: Mapping[Place, str]) -> Any:
        """Return a reference as it is true here: what was not taken is there still."""
        place = self._place(address)
        if place is None:
            return element
        if place in places:
            return {**element, "reference": f"{place[0]}/{places[place]}"}
        return {**element, "reference": f"{self._base}{place[0]}/{place[1]}"}


def _names(type_: str, content: Content) -> list[Identifier]:
    """Return by what a resource may be found here: studies are written in many ways."""
    found = identifiers_of(content) if type_ in TYPES else []
    if type_ == "ImagingStudy":
        uids = [uid for each in found if (uid := study_uid(each.system, each.value))]
        found += [Identifier(**of_study(uid)) for uid in uids]
    return found
