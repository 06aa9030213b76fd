"""The few calls of the Linux kernel that Python has no name for.

Each is called between fork and exec, in the child.
"""

import ctypes
import os
import signal
import sys
from pathlib import Path
from typing import Final

PR_SET_PDEATHSIG: Final = 1
PR_SET_KEEPCAPS: Final = 8
PR_CAP_AMBIENT: Final = 47
PR_CAP_AMBIENT_RAISE: Final = 2
CAPABILITY_VERSION: Final = 0x20080522
CLONE_NEWUSER: Final = 0x10000000
CAP_DAC_OVERRIDE: Final = 1
CAP_DAC_READ_SEARCH: Final = 2

LIBC: Final = ctypes.CDLL(None, use_errno=True)


class CapabilityHeader(ctypes.Structure):
    """``struct __user_cap_header_struct``."""

    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class CapabilityData(ctypes.Structure):
    """``struct __user_cap_data_struct``."""

    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def die_with_parent(number: signal.Signals, parent: int) -> None:
    """Have the kernel send this process the signal when its parent dies.

    Parameters
    ----------
    number
        The signal.
    parent
        Process id of the parent: where it is gone already, this process ends at once.
    """
    if sys.platform != "linux":
        return
    _checked(LIBC.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0))
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def become(uid: int, gid: int, capability: int | None) -> None:
    """Change from root to another user for good, keeping at most one capability."""
    os.setgroups([])
    os.setgid(gid)
    if capability is None:
        os.setuid(uid)
        return
    _checked(LIBC.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0))
    os.setuid(uid)
    mask = 1 << capability
    data = (CapabilityData * 2)(CapabilityData(mask, mask, mask))
    header = CapabilityHeader(CAPABILITY_VERSION, 0)
    _checked(LIBC.capset(ctypes.byref(header), data))
    # Ambient: the capability survives the exec of a program without file capabilities.
    _checked(LIBC.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0))


def holds(capability: int) -> bool:
    """Return whether this process has the capability to give on."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("CapPrm:"):
            return bool(int(line.split()[1], 16) >> capability & 1)
    return False


def appear_as(uid: int, gid: int) -> None:
    """Enter a user namespace in which this process' own user has another number.

    Files that it makes still belong to the user outside.
    """
    outside_uid, outside_gid = os.geteuid(), os.getegid()
    _checked(LIBC.unshare(CLONE_NEWUSER))
    own = Path("/proc/self")
    (own / "setgroups").write_text("deny", encoding="ascii")
    (own / "uid_map").write_text(f"{uid} {outside_uid} 1", encoding="ascii")
    (own / "gid_map").write_text(f"{gid} {outside_gid} 1", encoding="ascii")


def _checked(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
