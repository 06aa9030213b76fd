"""The key of a project: made when rows without names are first told, and kept.

Keys of two projects have nothing in common, so that nobody can tell by pseudonyms
alone that a patient is in both.
"""

import base64
import secrets
from typing import Final

from cohorts.models import ProjectKey
from core.kept_secrets import hidden, shown

_BYTES: Final = 32
_LOST: Final = (
    "The key of this project's pseudonyms was kept with another PORTAL_SECRET_KEY. Ask"
    " whoever runs the portal."
)


def key_of(project_id: int) -> bytes:
    """Return the key of a project.

    Raises
    ------
    Gone
        It was kept by a portal with another ``PORTAL_SECRET_KEY``. No other key is
        made: the same patients would be called otherwise from one day to the next.
    """
    held = ProjectKey.objects.filter(pk=project_id).first() or _made(project_id)
    secret = shown(held.secret, of=_purpose(project_id), otherwise=_LOST)
    return base64.b64decode(secret)


def _made(project_id: int) -> ProjectKey:
    """Return a key that is made, or that somebody else has just made."""
    secret = base64.b64encode(secrets.token_bytes(_BYTES)).decode()
    kept = {"secret": hidden(secret, of=_purpose(project_id))}
    return ProjectKey.objects.get_or_create(project_id=project_id, defaults=kept)[0]


def _purpose(project_id: int) -> str:
    return f"pseudonyms of project {project_id}"
