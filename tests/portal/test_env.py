"""Settings as the environment has them."""

import pytest

from portal.env import SettingError, of_each

ONE = ["https://sso.example/a"]
TWO = ["https://sso.example/a", "https://sso.example/ab"]


@pytest.mark.parametrize(
    ("given", "owners", "found"),
    [
        ("", TWO, {}),
        ("portal", ONE, {ONE[0]: "portal"}),
        ("a=b,c==", ONE, {ONE[0]: "a=b,c=="}),
        (f"{ONE[0]}=a=b", ONE, {ONE[0]: "a=b"}),
        (f"{TWO[1]}=x==, {TWO[0]}=y", TWO, {TWO[0]: "y", TWO[1]: "x=="}),
    ],
)
def test_values_are_told_by_whose_they_are(
    monkeypatch: pytest.MonkeyPatch,
    given: str,
    owners: list[str],
    found: dict[str, str],
) -> None:
    monkeypatch.setenv("OF_THE_TESTS", given)
    assert of_each("OF_THE_TESTS", owners) == found


@pytest.mark.parametrize(
    "given", ["secret", f"{TWO[0]}=", f"{TWO[0]}=secret,{TWO[0]}=b", "https://x=secret"]
)
def test_a_value_of_nobody_is_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv("OF_THE_TESTS", given)
    with pytest.raises(SettingError) as refused:
        of_each("OF_THE_TESTS", TWO)
    assert "secret" not in str(refused.value)


def test_nobody_has_a_value_where_there_is_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OF_THE_TESTS", "portal")
    with pytest.raises(SettingError):
        of_each("OF_THE_TESTS", [])
