"""Settings as the environment has them."""

import pytest

from portal.env import SettingError, code, of_each

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


def test_a_code_has_a_scheme_and_a_meaning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OF_THE_TESTS", "WS1, 99HOUSE ,Desk 1")
    assert code("OF_THE_TESTS", "") == ("WS1", "99HOUSE", "Desk 1")
    monkeypatch.delenv("OF_THE_TESTS")
    assert code("OF_THE_TESTS", "A, B, C") == ("A", "B", "C")


@pytest.mark.parametrize(
    "value",
    [
        "WS1",
        "WS1, 99HOUSE",
        "WS1, , Desk",
        "a, b, c, d",
        f"{17 * 'x'}, B, C",
        "A,B,c\\d",
    ],
)
def test_what_is_no_code_stops_the_start(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OF_THE_TESTS", value)
    with pytest.raises(SettingError, match="code, scheme, meaning"):
        code("OF_THE_TESTS", "")
