"""What delta-rs does not do in a bucket: removing what nothing needs; loads obstore."""

import obstore
from obstore.store import from_url


def remove_all(url: str, options: dict[str, str]) -> None:
    """Remove all objects below an address."""
    store = from_url(url, **options)  # type: ignore[call-overload] # keys of each service
    for chunk in obstore.list(store):
        obstore.delete(store, [each["path"] for each in chunk])
