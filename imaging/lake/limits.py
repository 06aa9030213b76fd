"""How long a transaction may wait for the lake."""

from core.database import lift_limit, raw_connection


def lift_limits() -> None:
    """Let the rest of a transaction wait: rewriting a large file takes a minute.

    It holds the follower's cursor and nothing that a store waits for.
    """
    lift_limit()
    raw_connection().execute("SET LOCAL idle_in_transaction_session_timeout = 0")
