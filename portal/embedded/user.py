"""As whom the embedded servers run: PostgreSQL refuses to run as root.

Started by an ordinary user, everything runs as that user. Started by root, PostgreSQL
and Redis run as ``nobody``; where a closed folder (``/root``) lies above the data or
the programs, they keep the one capability that lets them pass through it.
"""

import os
import pwd
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from portal.embedded import linux
from portal.embedded.errors import StartError

NOBODY: Final = 65534
OTHERS_MAY_PASS: Final = 0o001


@dataclass(frozen=True, slots=True)
class User:
    """The user of the embedded servers.

    Attributes
    ----------
    switched
        Whether the servers run as another user than the supervisor.
    capability
        What the servers keep of root's powers, to pass closed folders.
    """

    uid: int
    gid: int
    switched: bool = False
    capability: int | None = None

    def become(self) -> None:
        """Turn this (forked) process into the user."""
        if self.switched:
            linux.become(self.uid, self.gid, self.capability)

    def own(self, folder: Path) -> Path:
        """Return the folder, made if needed, open to this user (and root) only."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.stat().st_uid not in {self.uid, os.geteuid()} or folder.is_symlink():
            message = f"The folder {folder} belongs to somebody else: remove it."
            raise StartError(message)
        folder.chmod(0o700)
        if self.switched:
            os.chown(folder, self.uid, self.gid)
        return folder

    @property
    def has_name(self) -> bool:
        """Return whether the system knows the user: ``initdb`` insists on it."""
        with suppress(KeyError):
            return bool(pwd.getpwuid(self.uid))
        return False


def server_user(*needed: Path) -> User:
    """Return as whom the servers run, able to reach the needed folders."""
    if os.geteuid() != 0:
        return User(os.geteuid(), os.getegid())
    nobody = User(NOBODY, NOBODY)
    with suppress(KeyError):
        entry = pwd.getpwnam("nobody")
        nobody = User(entry.pw_uid, entry.pw_gid)
    return User(nobody.uid, nobody.gid, switched=True, capability=_capability(needed))


def appear_named() -> None:
    """Let a process whose user has no name in the system appear as one that has."""
    named = next((entry for entry in pwd.getpwall() if entry.pw_uid != 0), None)
    if named is not None:
        linux.appear_as(named.pw_uid, named.pw_gid)


def _capability(needed: tuple[Path, ...]) -> int | None:
    closed = {
        folder
        for path in needed
        for folder in path.parents
        if folder.exists() and not folder.stat().st_mode & OTHERS_MAY_PASS
    }
    if not closed:
        return None
    # Containers often have the second only.
    for capability in (linux.CAP_DAC_READ_SEARCH, linux.CAP_DAC_OVERRIDE):
        if linux.holds(capability):
            return capability
    message = (
        f"PostgreSQL does not run as root, and another user cannot pass through "
        f"{sorted(closed)[0]}. Open it with 'chmod o+x', start the portal as an "
        "ordinary user, or name another data folder with PORTAL_DATA."
    )
    raise StartError(message)
