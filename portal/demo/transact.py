"""Sends transaction bundles of FHIR resources to a server.

References
----------
FHIR R4 http, transaction.
"""

from typing import Any, Final

import orjson

from portal.demo.posting import LoadError, Outcome, Poster

_HEADERS: Final = {
    "Accept": "application/fhir+json",
    "Content-Type": "application/fhir+json",
    "Prefer": "return=minimal",
}
_SHOWN: Final = 500  # characters of a refusal


class FhirClient:
    """Commits transactions at the FHIR service of a server."""

    def __init__(self, base: str, token: str) -> None:
        """Address the FHIR service at `base` with a bearer token."""
        self._poster = Poster(f"{base.rstrip('/')}/", token)

    def commit(self, bundle: dict[str, Any]) -> Outcome:
        """Commit a transaction and return how many resources were there already.

        Raises
        ------
        LoadError
            The server is down, refuses the token, or refuses the transaction.
        """
        status, body = self._poster.post([orjson.dumps(bundle)], _HEADERS)
        if status != 200:
            text = body[:_SHOWN].decode(errors="replace")
            message = f"The server answered {status} to a transaction: {text}"
            raise LoadError(message)
        outcome = Outcome()
        for entry in orjson.loads(body)["entry"]:
            if entry["response"]["status"].startswith("201"):
                outcome.stored += 1
            else:
                outcome.present += 1
        return outcome

    def close(self) -> None:
        """Close the connection."""
        self._poster.close()
