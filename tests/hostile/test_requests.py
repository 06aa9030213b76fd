"""A sample of the hostile requests; ``python -m tests.hostile 5000`` sends more."""

from tests.hostile.campaign import Campaign
from tests.hostile.requests import FAMILIES
from tests.stack import Stack

SAMPLE = 12 * len(FAMILIES)  # a dozen of each
MEGABYTE = 1024**2


def test_hostile_requests_do_no_harm(stack: Stack) -> None:
    report = Campaign(stack).run(range(SAMPLE))
    assert report.faults == []
    assert sum(report.answers.values()) >= SAMPLE
    assert {family for family, _ in report.answers} >= {f.__name__ for f in FAMILIES}
    assert report.growth_bytes < 64 * MEGABYTE
    assert report.peak_bytes < 512 * MEGABYTE  # that of deflated data sets
