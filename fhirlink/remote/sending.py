"""Sending one resource so that a server has it as it is here.

Nothing there is written unread: what is found by link or business identifier is merged
with ours and written on the condition that it is still what was read. So a repeated
step finds its own, and changes nothing.
"""

from contextlib import suppress
from typing import Any, Final, NamedTuple

from core.errors import Conflict, PreconditionFailed, Upstream
from fhirlink.models import RemoteResource, RemoteServer
from fhirlink.remote.api import Held, Remote
from fhirlink.remote.content import (
    Identifier,
    bare,
    digest,
    has_identifier,
    identified,
    identifiers_of,
    is_signed,
    logical,
    merged,
    place_of,
    references,
    signed,
    unsigned,
    with_references,
)
from fhirlink.remote.links import Place, held_here, link_of, links_there, remember

TRIES: Final = 4  # of an update that others get in before
DEPTH: Final = 4  # of what refers to what, sent first
Content = dict[str, Any]


class _Agreed(NamedTuple):
    """A resource as it is here, and in words that the server knows.

    Attributes
    ----------
    is_ours
        Whether it was made here.
    """

    place: Place
    ours: Content
    there: Content
    is_ours: bool


class Sender:
    """Sends resources of a partition to one server.

    Attributes
    ----------
    sent
        Places here of what was written there since it was made.
    """

    def __init__(self, server: RemoteServer, remote: Remote) -> None:
        self.sent: list[Place] = []
        self._server = server
        self._remote = remote
        self._begun: set[Place] = set()

    def send(self, type_: str, fhir_id: str) -> None:
        """Have the server have a resource as it is here, and what it refers to before.

        Raises
        ------
        Conflict
            It cannot be sent as it is: somebody has to change something.
        Upstream
            The server does not take it, or not now.
        Away
            It takes nothing now.
        """
        self._begun = set()
        self._send((type_, fhir_id), DEPTH)

    def _send(self, place: Place, depth: int) -> RemoteResource | None:
        """Return the link to what is there then; None where nothing is."""
        self._begun.add(place)
        link = link_of(self._server, *place)
        held = held_here(self._server.partition_id, [place]).get(place)
        if held is None:
            self._delete(link)
            return None
        content = bare(held.parsed())
        if link is not None and (
            bytes(link.ours) == digest(content) or self._is_kept(link)
        ):
            return link
        if not has_identifier(place[0]):
            message = f"A {place[0]} has no identifier, by which it could be found."
            raise Conflict(message)
        name = "/".join((str(self._server.partition_id), *place))
        named = identified(content, self._server.namespace, name)
        return self._write(place, link, content, self._translated(named, depth))

    def _write(
        self, place: Place, link: RemoteResource | None, ours: Content, there: Content
    ) -> RemoteResource:
        """Create it, or merge it with what is there, until nobody gets in between."""
        held = self._find(place[0], link, there)
        if held is not None and link is None:
            self._require_free(place, held)
        for _ in range(TRIES):
            if held is None:
                identifier = identifiers_of(there)[0]
                new = signed(there, self._server.namespace)
                held, was_made = self._remote.create(place[0], new, identifier)
                if was_made:
                    self.sent.append(place)
            # Also what was made by a step that ended before it was written down.
            was_signed = is_signed(held.content, self._server.namespace)
            is_ours = was_signed or (link is not None and link.is_ours)
            known = link.names if link is not None and is_ours else ()
            whole = merged(there, held.content, ours_wins=is_ours, known=known)
            agreed = _Agreed(place, ours, there, is_ours)
            changed = self._link(agreed, held)
            if not self._is_kept(changed) and digest(whole) != digest(held.content):
                try:
                    held = self._remote.update(held, whole)
                except PreconditionFailed:
                    held = self._find(place[0], changed, there)
                    continue
                self.sent.append(place)
                changed = self._link(agreed, held)
            remember([changed])
            return changed
        message = "Others change the resource there at the moment."
        raise Upstream(message, retryable=True)

    def _link(self, agreed: "_Agreed", held: Held) -> RemoteResource:
        """Return the link to what is there; what we do not have of it is still news."""
        is_known = digest(unsigned(held.content)) == digest(unsigned(agreed.there))
        made_by = agreed.ours if agreed.is_ours else bare(held.content)
        return RemoteResource(
            server=self._server,
            type=agreed.place[0],
            fhir_id=agreed.place[1],
            remote_id=held.fhir_id,
            is_ours=agreed.is_ours,
            etag=held.version if is_known else "",
            ours=digest(agreed.ours),
            theirs=digest(held.content) if is_known else b"",
            names=sorted(made_by),
        )

    def _find(
        self, type_: str, link: RemoteResource | None, there: Content
    ) -> Held | None:
        """Return what is there already: by its id, else by a business identifier."""
        if link is not None:
            held = self._remote.read(type_, link.remote_id)
            if held is not None:
                return held
        return self._found(type_, identifiers_of(there)[:1])

    def _require_free(self, place: Place, held: Held) -> None:
        """Refuse to have two resources here be one there: each would undo the other."""
        others = links_there(self._server, [(place[0], held.fhir_id)])
        known = {(each.type, each.fhir_id) for each in others.values()} - {place}
        if held_here(self._server.partition_id, known):
            message = f"Another {place[0]} here is the one there already: merge them."
            raise Conflict(message)

    def _found(self, type_: str, identifiers: list[Identifier]) -> Held | None:
        for identifier in identifiers:
            found = self._remote.find(type_, identifier)
            if len(found) > 1:
                message = f"The server has several {type_} of the same identifier."
                raise Conflict(message)
            if found:
                return found[0]
        return None

    def _is_kept(self, link: RemoteResource) -> bool:
        """Return whether what is there is another's Patient, which stays as it is."""
        is_theirs = link.type == "Patient" and not link.is_ours
        return is_theirs and not self._server.overwrites_patients

    def _delete(self, link: RemoteResource | None) -> None:
        """Delete what was made here; what others made they delete themselves."""
        if link is None:
            return
        if link.is_ours:
            self._remote.delete(link.type, link.remote_id)
            self.sent.append((link.type, link.fhir_id))
        link.delete()

    def _translated(self, content: Content, depth: int) -> Content:
        """Return a resource whose references lead to what the server has."""
        targets = {place for each in references(content) if (place := place_of(each))}
        held = held_here(self._server.partition_id, targets)
        there: dict[Place, str | Identifier | None] = {}
        for place in sorted(targets):
            found = held.get(place)
            there[place] = self._there(place, found and found.parsed(), depth)

        def change(address: str, element: Any) -> Any:
            place = place_of(address)
            if place is None:
                return element
            target = there[place]
            if isinstance(target, str):
                return {**element, "reference": f"{place[0]}/{target}"}
            return logical(element, place[0], target)

        changed: Content = with_references(content, change)
        return changed

    def _there(
        self, place: Place, content: Content | None, depth: int
    ) -> str | Identifier | None:
        """Return the id that a resource has there; else by what else it is known."""
        link = link_of(self._server, *place)
        if link is not None:
            return link.remote_id
        if content is None:
            return None
        identifiers = identifiers_of(content)
        is_sent = place[0] in self._server.types_out and depth > 0
        if is_sent and place not in self._begun and has_identifier(place[0]):
            # What cannot be sent says so itself; what refers to it goes without.
            with suppress(Conflict, Upstream):
                link = self._send(place, depth - 1)
                return link.remote_id if link else None
        found = self._found(place[0], identifiers[:1])
        if found is not None:
            return found.fhir_id
        return identifiers[0] if identifiers else None
