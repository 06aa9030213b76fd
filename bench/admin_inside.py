"""The lists of `bench.admin`, inside of a process beside the portal they are about."""

import argparse
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, setup_test_environment
from django.urls import reverse

import bench.django_setup  # noqa: F401 what follows needs it
from bench.admin_rows import fill
from core import audit
from core.models import Account

LIMIT_MS: Final = 1000
TIMES: Final = 3
_SEARCHES: Final = ("bench-", "bench-777", "bench-777*", "nothing of this")
_TYPED: Final = {
    "actor": "bench-77", "patient": "P77", "study": "1.2.77", "source": "10.0.7.5",
    "request": "bench-77", "since": "2026-01-01T00:00", "until": "2026-01-01T00:00",
    "action": "export", "outcome": "4", "state": "failed", "kind": "account",
    "follower": "usage", "issuer_of_patient_id": "bench-50", "conflict": "1",
    "is_active__exact": "0", "partition": "default", "type": "Patient",
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table; return 1 where something takes longer than a second."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--only", default="")
    given = parser.parse_args(arguments)
    fill(given.rows)
    root, _ = Account.objects.get_or_create(
        username="root-of-bench", is_superuser=True, is_staff=True
    )
    client = Client()
    client.force_login(root)
    audit.start_collecting()
    setup_test_environment()  # pages tell what they were made of
    slow = 0
    print("| list | asked for | ms | queries |\n|---|---|--:|--:|")
    models = [model for model in apps.get_models() if admin.site.is_registered(model)]
    for meta in sorted((model._meta for model in models), key=str):  # noqa: SLF001
        if given.only in meta.label_lower:
            slow += _measure(client, meta)
    audit.stop_collecting()
    print(f"{slow} of them took longer than {LIMIT_MS} ms")
    return 1 if slow else 0


def _measure(client: Client, meta: Any) -> int:
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    changes = client.get(address).context["cl"]
    slow = 0
    for asked in _questions(changes):
        taken = []
        for _ in range(TIMES):
            begun = time.perf_counter()
            status = client.get(address, asked).status_code
            taken.append((time.perf_counter() - begun) * 1000)
            assert status == 200, (address, asked, status)
        with CaptureQueriesContext(connection) as queries:
            client.get(address, asked)
        words = "&".join(f"{name}={value}" for name, value in asked.items())
        ms = statistics.median(taken)
        slow += ms > LIMIT_MS
        print(f"| {meta.label} | {words} | {ms:.0f} | {len(queries)} |", flush=True)
    return slow


def _questions(changes: Any) -> Iterator[dict[str, str]]:
    """Yield what is asked of a list: each order, search, filter, and its last page."""
    yield {}
    shown = list(changes.list_display)
    for name in changes.sortable_by:
        yield {"o": f"{shown.index(name)}"}
        yield {"o": f"-{shown.index(name)}"}
    if changes.search_fields:
        yield from ({"q": term} for term in _SEARCHES)
    for each in changes.filter_specs:
        names = each.expected_parameters()
        yield from (
            {name: _TYPED.get(name, "1") for name in [one]} for one in names[:1]
        )
    if changes.paginator.num_pages > 1:
        yield {"p": str(changes.paginator.num_pages)}


if __name__ == "__main__":
    sys.exit(main())
