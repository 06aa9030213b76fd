"""``python -m tests.crash``: kill, restart and judge, as many rounds as wanted.

The data folder stays where something was wrong, and is removed otherwise.
"""

import argparse
import secrets
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from tests.crash.campaign import Campaign
from tests.stack import Stack

IMPORT_EVERY: Final = 5  # rounds
IMPORT_FILES: Final = 600  # five steps


def say(text: str) -> None:
    """Tell how far it is."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def run(campaign: Campaign, rounds: int) -> list[str]:
    """Do the rounds; return what was wrong after the first that went wrong."""
    for number in range(1, rounds + 1):
        began, victims = time.monotonic(), campaign.draw()
        files = IMPORT_FILES if number % IMPORT_EVERY == 1 else 0
        campaign.run(victims, import_files=files)
        problems = campaign.judge()
        say(
            f"round {number} of {rounds}: killed {', '.join(victims)}"
            f"{' during an import' if files else ''}; {len(campaign.held)} held,"
            f" feed at {campaign.feed_length}, {time.monotonic() - began:.1f} s"
        )
        if problems:
            return problems
    return []


def main() -> int:
    """Run a campaign and print its summary; 1 where something was wrong."""
    parser = argparse.ArgumentParser(prog="tests.crash", description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="portal-crash-"))
    folder.chmod(0o711)  # as root, PostgreSQL runs as another user below it
    say(f"seed {arguments.seed}, data in {folder}")
    stack, began = Stack(folder / "data"), time.monotonic()
    campaign = Campaign(stack, arguments.seed)
    try:
        stack.start()
        problems = run(campaign, arguments.rounds)
    finally:
        stack.stop()
    for problem in problems:
        say(f"WRONG {problem}")
    for victim, number in campaign.kills.most_common():
        say(f"{number:7} killed: {victim}")
    for what, number in campaign.counts.most_common():
        say(f"{number:7} {what}")
    say(f"{time.monotonic() - began:.0f} s")
    if not problems:
        shutil.rmtree(folder)
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
