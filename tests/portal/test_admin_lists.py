"""Every list of the admin opens at once however many rows there are.

No figures: what PostgreSQL is asked, and by which way it would answer. Timed they are
by ``python -m bench.admin``.
"""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.access import system
from core.admin.filters import MAXIMUM_OFFERED
from core.models import Account, Partition
from core.partitions import create_partition
from tests.imaging.stores import received, store
from tests.portal.admin_rows import add_rows

pytestmark = pytest.mark.django_db
PAGES = {model._meta.label_lower: model._meta for model in admin.site._registry}
COUNT = re.compile(r"count\(", re.I)
LIMITED = re.compile(r"count\(\*\) FROM \(SELECT .*? LIMIT \d+\)", re.I | re.S)


def address(page: str) -> str:
    meta = PAGES[page]
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(Account.objects.create_superuser("ada"))
    return client


@pytest.fixture
def held() -> None:
    """Hold some of what is counted and named."""
    store(received("1", "1", "1"), received("2", "1", "1", patient_id="P2"))
    create_partition(actor=system("test"), name="site-1")


@pytest.fixture
def plans() -> None:
    """Have plans sort, or read a whole table, only where there is no other way."""
    with connection.cursor() as cursor:
        for way in ("seqscan", "sort", "hashjoin", "mergejoin", "bitmapscan"):
            cursor.execute(f"SET LOCAL enable_{way} = off")


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("page", PAGES)
def test_no_list_counts_a_whole_table(administrator: Client, page: str) -> None:
    for query in ({}, {"q": "P2"}, {"q": "1"}):
        with CaptureQueriesContext(connection) as queries:
            assert administrator.get(address(page), query).status_code == 200
        for sql in (each["sql"] for each in queries):
            rest = LIMITED.sub("", sql)
            assert not COUNT.search(rest), sql


@pytest.mark.usefixtures("held", "plans")
@pytest.mark.parametrize("page", PAGES)
def test_every_order_of_a_list_comes_from_an_index(
    administrator: Client, page: str
) -> None:
    changes = administrator.get(address(page)).context["cl"]
    shown = list(changes.list_display)
    orders = [""] + [
        f"{sign}{shown.index(name)}"
        for name in changes.sortable_by
        for sign in ("", "-")
    ]
    for order in orders:
        changes = administrator.get(address(page), {"o": order}).context["cl"]
        plan = changes.queryset[: changes.list_per_page].explain()
        assert is_indexed(plan, PAGES[page].db_table), plan


def is_indexed(plan: str, table: str) -> bool:
    """Return whether nothing sorts all rows, or reads a table through."""
    sorts = re.search(r"(?<!Incremental )Sort\b(?! (Key|Method))", plan)
    return sorts is None and f"Seq Scan on {table}" not in plan


@pytest.mark.usefixtures("plans")
def test_an_order_without_an_index_would_be_found() -> None:
    plan = Account.objects.order_by("last_login")[:100].explain()
    assert not is_indexed(plan, Account._meta.db_table)


@pytest.mark.parametrize("page", PAGES)
def test_no_list_or_form_offers_all_accounts_or_partitions(
    administrator: Client, page: str
) -> None:
    number = 2 * MAXIMUM_OFFERED
    Partition.objects.bulk_create(
        Partition(name=f"site-{n:04}x") for n in range(number)
    )
    Account.objects.bulk_create(Account(username=f"eve-{n:04}x") for n in range(number))
    own = {"core.partition": "site-", "core.account": "eve-"}.get(page)
    for way in ("", "add/"):
        answer = administrator.get(address(page) + way)
        text = answer.content.decode() if answer.status_code == 200 else ""
        for name in ("site-", "eve-"):
            if name != own or way:
                found = set(re.findall(rf"{name}\d{{4}}x", text))
                assert len(found) <= MAXIMUM_OFFERED, (page, way)


def test_a_list_asks_the_same_however_long_it_is(administrator: Client) -> None:
    def numbers_of_queries() -> dict[str, int]:
        numbers = {}
        for page in PAGES:
            with CaptureQueriesContext(connection) as queries:
                assert administrator.get(address(page)).status_code == 200
            numbers[page] = len(queries)
        return numbers

    add_rows(1)
    numbers_of_queries()  # what is looked up once for all
    before = numbers_of_queries()
    add_rows(9)
    after = numbers_of_queries()
    assert {page for page in PAGES if after[page] > before[page]} == set()


def test_members_of_a_large_role_are_not_all_counted(
    administrator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.admin.accounts.MAXIMUM_MEMBERS", 2)
    group = Group.objects.get(name="Referrer")
    for n in range(4):
        Account.objects.create(username=f"eve-{n}").groups.add(group)
    page = administrator.get(address("auth.group")).content.decode()
    assert f'groups__id__exact={group.pk}">more than 2<' in page


def test_a_list_goes_to_its_last_page_and_no_further(
    administrator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.admin.base.MAXIMUM_COUNT", 30)
    for n in range(60):
        Account.objects.create(username=f"eve-{n:02}")
    monkeypatch.setattr(
        type(admin.site._registry[Account]), "list_per_page", 10, raising=False
    )
    answer: Any = administrator.get(address("core.account"), {"p": "3"})
    assert len(answer.context["cl"].result_list) == 10
    assert answer.context["cl"].paginator.num_pages == 3
