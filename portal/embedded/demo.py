"""What ``make demo`` adds to a running stack."""

from typing import Final

from portal import env
from portal.demo.stories import EVERYONE
from portal.embedded import programs
from portal.embedded.options import Options
from portal.embedded.supervisor import Supervisor, say

LOADED: Final = "demo-loaded"  # a file that a complete load leaves
USERS: Final = "demo-users"


def prepare(supervisor: Supervisor, options: Options) -> None:
    """Load the demo hospital where that was not done, and tell the demo users."""
    data = options.places.data
    if not (data / LOADED).exists():
        patients = env.integer("PORTAL_DEMO_PATIENTS", len(EVERYONE))
        log = options.places.logs / "manage.log"
        say(f"Loading the demo hospital of {patients} patients; progress in {log}")
        words = ("--url", options.address, "--patients", str(patients))
        command = programs.manage(options, "demo_setup", *words)
        supervisor.run(command, name="demo_setup")
        (data / LOADED).touch()
    say((data / USERS).read_text(encoding="utf-8").rstrip())
