"""How the address of a bucket is given."""

import pytest

from portal import env
from portal.env import SettingError


@pytest.mark.parametrize(
    "given", ["", "s3://bucket", "s3://bucket/a/b", "az://container/x", "gs://bucket/y"]
)
def test_buckets_are_named_by_their_address(
    monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv("OF_THE_TESTS", given)
    assert env.bucket("OF_THE_TESTS") == given


@pytest.mark.parametrize("given", ["/folder", "file:///x", "s3:", "s3:///x", "bucket"])
def test_what_is_no_bucket_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv("OF_THE_TESTS", given)
    with pytest.raises(SettingError, match="s3://bucket/prefix"):
        env.bucket("OF_THE_TESTS")


@pytest.mark.parametrize(
    "given",
    ["s3://id:secret@bucket/x", "az://container/x?sig=secret", "https://x/#secret"],
)
def test_credentials_in_an_address_are_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv("OF_THE_TESTS", given)
    for read in (env.bucket, env.address):
        with pytest.raises(SettingError) as refused:
            read("OF_THE_TESTS")
        assert "secret" not in str(refused.value)


@pytest.mark.parametrize("given", ["", "https://s3.example", "http://127.0.0.1:9000"])
def test_services_are_named_by_their_address(
    monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv("OF_THE_TESTS", given)
    assert env.address("OF_THE_TESTS") == given


@pytest.mark.parametrize("given", ["s3.example", "ftp://s3.example", "https://"])
def test_what_is_no_address_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv("OF_THE_TESTS", given)
    with pytest.raises(SettingError, match="https://"):
        env.address("OF_THE_TESTS")
