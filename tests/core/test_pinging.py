"""Whose socket a ping is written to."""

from core.pinging import Line

SCOPE = {"client": ("10.0.0.1", 4711), "server": ("10.0.0.2", 8000), "scheme": "ws"}


def test_a_connection_is_known_by_its_ends() -> None:
    assert Line.of(SCOPE) == Line("10.0.0.1", 4711, 8000)


def test_what_the_server_encrypts_or_has_no_address_for_is_not_pinged() -> None:
    assert Line.of({**SCOPE, "scheme": "wss"}) is None
    assert Line.of({**SCOPE, "client": None}) is None
    assert Line.of({**SCOPE, "server": ("/run/portal.sock", None)}) is None
