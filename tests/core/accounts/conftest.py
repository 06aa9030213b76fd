"""An issuer that is trusted, for the tests of its tokens."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from core.accounts.oidc import keys, verify
from tests.oidc.issuer import AUDIENCE, Issuer, running_issuer

ROLES = {"readers": "Service Reader", "writers": "Service Writer"}


@pytest.fixture(scope="module")
def one_issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuer]:
    """Yield an issuer for the tests of a module."""
    with running_issuer(tmp_path_factory.mktemp("issuer")) as issuer:
        yield issuer


@pytest.fixture
def issuer(
    one_issuer: Issuer,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> Issuer:
    """Have the portal trust the issuer and know no key of it yet."""
    settings.OIDC_ISSUERS = [one_issuer.url]
    settings.OIDC_AUDIENCES = [AUDIENCE]
    settings.OIDC_ROLES = ROLES
    monkeypatch.setattr(verify, "_keys", {})
    monkeypatch.setattr(keys, "RETRY_S", 0.0)
    return one_issuer
