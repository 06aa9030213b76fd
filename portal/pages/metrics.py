"""``/metrics`` for Prometheus: every process' figures, and which parts are up.

Any module makes its own figures with ``prometheus_client.Counter`` and the like; what
must be looked up at the time of asking is given to `register`.
"""

from collections.abc import Iterator
from contextlib import suppress
from http import HTTPStatus
from ipaddress import ip_address

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import REGISTRY, Collector

from core import follower_status
from core.access import system
from core.database import guarded
from core.errors import Busy
from imaging import lake
from imaging.usage import list_usage
from portal import env
from portal.pages.parts import check_parts

LOOKED_UP = CollectorRegistry()


def register(collector: Collector) -> None:
    """Have the collector asked at each request of ``/metrics``."""
    LOOKED_UP.register(collector)


class PartsCollector(Collector):
    """Which parts are up."""

    def collect(self) -> Iterator[Metric]:
        """Yield one gauge with a value per part."""
        up = GaugeMetricFamily(
            "portal_part_up", "1 if the part works.", labels=["part"]
        )
        for part in check_parts():
            up.add_metric([part.name], float(part.is_ready))
        yield up

    def describe(self) -> Iterator[Metric]:
        """Yield the name alone, so that registering asks no part."""
        yield GaugeMetricFamily("portal_part_up", "1 if the part works.")


class FollowersCollector(Collector):
    """How far the followers of the change feed are."""

    def collect(self) -> Iterator[Metric]:
        """Yield gauges with a value per follower; none where the database is away."""
        lag, lag_s, letters = self.describe()
        with suppress(Busy):
            for one in guarded(follower_status.status):
                lag.add_metric([one.name], one.lag)
                lag_s.add_metric([one.name], one.lag_s)
                letters.add_metric([one.name], one.number_of_dead_letters)
        yield from (lag, lag_s, letters)

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauges without values."""
        for name, text in (
            ("lag_entries", "Entries of the feed that a follower has yet to take."),
            ("lag_seconds", "Age of the oldest of them."),
            ("dead_letters", "Entries that it could not apply."),
        ):
            full = f"portal_follower_{name}"
            yield GaugeMetricFamily(full, text, labels=["follower"])


class UsageCollector(Collector):
    """What each partition holds, as far as the follower `imaging.usage` has come."""

    def collect(self) -> Iterator[Metric]:
        """Yield gauges with a value per partition; none where the database is away."""
        instances, size = self.describe()
        with suppress(Busy):
            for one in guarded(list_usage, actor=system("metrics")):
                instances.add_metric([one.partition_name], one.number_of_instances)
                size.add_metric([one.partition_name], one.size_bytes)
        yield from (instances, size)

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauges without values."""
        for name, text in (
            ("portal_instances", "Instances that a partition holds."),
            ("portal_bytes", "Their size in bytes, as stored."),
        ):
            yield GaugeMetricFamily(name, text, labels=["partition"])


class LakeCollector(Collector):
    """How the tables of the lake are; nothing where there is none."""

    def collect(self) -> Iterator[Metric]:
        """Yield gauges with a value per table; none where the database is away."""
        gauges = tuple(self.describe())
        with suppress(Busy):
            for one in guarded(lake.list_states):
                values = (
                    one.number_of_files,
                    one.number_of_rows,
                    one.size_bytes,
                    one.position,
                    one.committed_at.timestamp(),
                )
                for gauge, value in zip(gauges, values, strict=True):
                    gauge.add_metric([one.name], value)
        yield from gauges

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauges without values."""
        for name, text in (
            ("files", "Files that make up a table of the lake."),
            ("rows", "Rows in them."),
            ("bytes", "Their size in bytes."),
            ("entry", "The last entry of the feed in the table."),
            ("committed_seconds", "When that was committed, since 1970."),
        ):
            yield GaugeMetricFamily(f"portal_lake_{name}", text, labels=["table"])


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer in Prometheus' text form, to this machine or with a token only."""
    if not _may_read(request):
        answer = HttpResponse(status=HTTPStatus.UNAUTHORIZED)
        answer["WWW-Authenticate"] = 'Bearer realm="portal"'
        return answer
    body = generate_latest(_registry()) + generate_latest(LOOKED_UP)
    return HttpResponse(body, content_type=CONTENT_TYPE_LATEST)


def _registry() -> CollectorRegistry:
    """Return the figures of all web and job processes, as far as they are kept."""
    if not env.text("PROMETHEUS_MULTIPROC_DIR"):
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # untyped there
    return registry


def _may_read(request: HttpRequest) -> bool:
    """Tell this machine and bearers; the token itself is the boundary's to check."""
    if request.headers.get("Authorization", "").startswith("Bearer "):
        return True
    address = request.META.get("REMOTE_ADDR", "")
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


register(PartsCollector())
register(FollowersCollector())
register(UsageCollector())
register(LakeCollector())
