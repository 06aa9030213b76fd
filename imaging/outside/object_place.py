"""Where a bucket of others is, and how it is spoken with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket with a prefix, and what `obstore` has to know to speak with it.

    Attributes
    ----------
    signature
        Of a container of Azure, if it is opened by one: then nothing else opens it,
        least of all what the environment holds for the portal's own container.
    by_identity
        Whether the identity that Azure gives the portal opens a container there.
    """

    url: str
    config: Mapping[str, Any]
    signature: str = ""
    by_identity: bool = False

    @property
    def allows_http(self) -> bool:
        """Return whether its service is spoken with in the clear."""
        return str(self.config.get("endpoint", "")).startswith("http://")
