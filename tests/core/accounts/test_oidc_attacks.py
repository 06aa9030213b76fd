"""Forged tokens: each is one that some library has once taken."""

import asyncio
import hashlib
import hmac
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from core.accounts.oidc import is_jwt, keys, prepare
from core.accounts.oidc.reading import MAXIMUM_LENGTH
from core.accounts.oidc.verify import Identity, verify
from core.errors import Unauthenticated
from tests.oidc.issuer import AUDIENCE, Issuer, encoded, new_key

pytestmark = pytest.mark.peer("node")


def check(token: str) -> Identity:
    """Return whom a token is about, as the authenticator finds it."""
    assert is_jwt(token)
    asyncio.run(prepare(token))
    return verify(token)


def refuse(token: str) -> None:
    """Assert that a token is refused by both steps together."""
    with pytest.raises(Unauthenticated) as refused:
        check(token)
    assert refused.value.error == "invalid_token"


def by_hand(header: dict[str, Any], claims: dict[str, Any], key: bytes) -> str:
    """Return a token with an HMAC that no library would make of a public key."""
    signed = (
        f"{encoded(json.dumps(header).encode())}.{encoded(json.dumps(claims).encode())}"
    )
    mac = hmac.new(key, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{encoded(mac)}"


def test_the_issuers_own_tokens_are_taken(issuer: Issuer) -> None:
    assert check(issuer.token("ada", "a b")).groups == {"a", "b"}
    assert check(issuer.sign(issuer.claims())).subject == "ada"
    by_bytes = issuer.sign_bytes(json.dumps(issuer.claims()).encode())
    assert check(by_bytes).subject == "ada"
    both = check(issuer.sign(issuer.claims(aud=["other", AUDIENCE])))
    assert both.name == "ada"


def test_a_public_key_is_no_shared_secret(issuer: Issuer) -> None:
    key = issuer.key.public_key()
    jwk = json.dumps(issuer.jwk()).encode()
    secrets = [
        jwk,
        key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        key.public_bytes(Encoding.PEM, PublicFormat.PKCS1),
        b"",
    ]
    for secret in secrets:
        for name in ("HS256", "hs256", "RS256"):
            header = {"alg": name, "kid": issuer.key_id, "typ": "JWT"}
            refuse(by_hand(header, issuer.claims(), secret))


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE", "", "HS256", "RS1"])
def test_unsigned_tokens_are_refused(issuer: Issuer, name: str) -> None:
    header = encoded(json.dumps({"alg": name, "kid": issuer.key_id}).encode())
    claims = encoded(json.dumps(issuer.claims()).encode())
    signature = issuer.sign(issuer.claims()).rpartition(".")[2]
    refuse(f"{header}.{claims}.")
    refuse(f"{header}.{claims}.{signature}")


def test_a_token_brings_no_key(issuer: Issuer) -> None:
    mine = rsa.generate_private_key(65537, 2048)
    jwk = jwt.get_algorithm_by_name("RS256").to_jwk(mine.public_key(), as_dict=True)
    tricks: list[dict[str, Any]] = [
        {"jwk": jwk},
        {"jwk": jwk, "kid": issuer.key_id},
        {"jku": f"{issuer.url}/../keys", "kid": "mine"},
        {"jku": "http://127.0.0.1:1/jwks", "kid": issuer.key_id},
        {"x5u": "http://127.0.0.1:1/cert", "kid": issuer.key_id},
        {"x5c": ["MIIB"], "kid": issuer.key_id},
        {"kid": "../../../../dev/null"},
        {"kid": "' OR 1=1 --"},
        {"kid": ""},
        {},
    ]
    for headers in tricks:
        refuse(jwt.encode(issuer.claims(), mine, "RS256", headers))
    for kid in (7, ["first"], {"kid": "first"}, True):
        header = json.dumps({"alg": "RS256", "kid": kid}).encode()
        refuse(issuer.sign_bytes(json.dumps(issuer.claims()).encode(), header))


def test_a_key_serves_its_own_algorithm_only(issuer: Issuer) -> None:
    claims = issuer.claims()
    for name in ("RS512", "PS256", "ES256", "EdDSA"):
        key = issuer.key if name[1] == "S" and name[0] != "E" else new_key(name)
        refuse(jwt.encode(claims, key, name, {"kid": issuer.key_id}))  # type: ignore[arg-type] # all that `new_key` makes do


def test_weak_and_unfit_keys_of_an_issuer_are_not_used() -> None:
    small = rsa.generate_private_key(65537, 1024)
    jwk = jwt.get_algorithm_by_name("RS256").to_jwk(small.public_key(), as_dict=True)
    held = keys.KeySet(
        [
            jwk | {"kid": "small"},
            {"kty": "oct", "k": "c2VjcmV0", "kid": "shared", "alg": "HS256"},
            {"kty": "RSA", "kid": "broken", "n": "AQAB"},
            jwk | {"kid": "for encryption", "use": "enc"},
            {"kty": "EC", "crv": "P-384", "kid": "another curve", "x": "AA", "y": "AA"},
        ]
    )
    for key_id in ("small", "shared", "broken", "for encryption", "another curve"):
        for name in ("RS256", "ES256", "HS256"):
            assert held.find(key_id, name) is None


def test_of_several_keys_a_token_must_name_one() -> None:
    algorithm = jwt.get_algorithm_by_name("RS256")
    public = [new_key("RS256").public_key() for _ in range(2)]
    first, second = (algorithm.to_jwk(key, as_dict=True) for key in public)
    alone = keys.KeySet([first | {"kid": "a"}])
    assert alone.find(None, "RS256") is not None
    apart = keys.KeySet([first | {"kid": "a"}, second | {"kid": "b"}])
    assert apart.find(None, "RS256") is None
    assert apart.find("b", "RS256") is not None
    alike = keys.KeySet([first | {"kid": "a"}, second | {"kid": "a"}])
    assert alike.find("a", "RS256") is None


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "https://other.example/"},
        {"aud": AUDIENCE.rstrip("/")},
        {"aud": AUDIENCE.upper()},
        {"aud": []},
        {"aud": None},
        {"aud": {AUDIENCE: True}},
        {"aud": [[AUDIENCE]]},
        {"iss": None},
        {"iss": "http://127.0.0.1:1"},
        {"exp": None},
        {"exp": 1_000_000_000},
        {"exp": "soon"},
        {"exp": -1},
        {"exp": 1e300},
        {"exp": 253402300799},
        {"nbf": 4_000_000_000},
        {"nbf": "later"},
        {"iat": 4_000_000_000},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": ["ada"]},
        {"sub": "a\ud800"},
        {"sub": "a\0"},
        {"sub": "a" * 256},
    ],
    ids=str,
)
def test_claims_that_do_not_hold_are_refused(
    issuer: Issuer, changed: dict[str, Any]
) -> None:
    claims = json.dumps(issuer.claims(**changed)).encode()
    refuse(issuer.sign_bytes(claims))


def test_the_issuer_is_named_to_the_letter(issuer: Issuer) -> None:
    for name in (issuer.url + "/", issuer.url.upper(), issuer.url + "@evil.example"):
        refuse(issuer.sign(issuer.claims(iss=name)))
    refuse(issuer.sign_bytes(json.dumps(issuer.claims(iss=[issuer.url])).encode()))


def test_a_token_for_us_from_the_real_issuer_must_be_for_us(issuer: Issuer) -> None:
    refuse(issuer.token("ada", audience="https://other.example/"))


@pytest.mark.parametrize("kind", ["logout+jwt", "dpop+jwt", "secevent+jwt", 7, None])
def test_tokens_of_other_kinds_are_refused(issuer: Issuer, kind: object) -> None:
    header = {"alg": "RS256", "kid": issuer.key_id, "typ": kind}
    claims = json.dumps(issuer.claims()).encode()
    refuse(issuer.sign_bytes(claims, json.dumps(header).encode()))


def test_extensions_are_refused(issuer: Issuer) -> None:
    extensions: list[dict[str, Any]] = [
        {"crit": ["exp"]},
        {"crit": []},
        {"b64": False},
    ]
    for extension in extensions:
        header = {"alg": "RS256", "kid": issuer.key_id, **extension}
        claims = json.dumps(issuer.claims()).encode()
        refuse(issuer.sign_bytes(claims, json.dumps(header).encode()))


def test_any_changed_character_is_found(issuer: Issuer) -> None:
    token = issuer.token("ada")
    header, claims, signature = token.split(".")
    said = json.loads(jwt.utils.base64url_decode(claims))
    raised = encoded(json.dumps(said | {"groups": ["administrators"]}).encode())
    refuse(f"{header}.{raised}.{signature}")
    other = issuer.token("bob").split(".")
    refuse(f"{header}.{other[1]}.{signature}")
    refuse(f"{header}.{claims}.{other[2]}")
    for place in range(0, len(signature) - 1, 7):
        letter = "A" if signature[place] != "A" else "B"
        refuse(f"{header}.{claims}.{signature[:place]}{letter}{signature[place + 1 :]}")


def test_nothing_stands_in_a_token_twice(issuer: Issuer) -> None:
    good = json.dumps(issuer.claims())
    refuse(issuer.sign_bytes(b'{"sub": "root", ' + good[1:].encode()))
    refuse(issuer.sign_bytes(good[:-1].encode() + b', "a": {"b": 1, "b": 2}}'))
    header = f'{{"alg": "none", "alg": "RS256", "kid": "{issuer.key_id}"}}'
    refuse(issuer.sign_bytes(good.encode(), header.encode()))


@pytest.mark.parametrize(
    "claims",
    [
        b'{"exp": Infinity}',
        b'{"exp": NaN}',
        b'{"exp": 1e999}',
        b'{"exp": ' + b"9" * 5000 + b"}",
        b'{"a": ' + b"[" * 9000 + b"]" * 2 + b"}",
        b'{"iss": "\xff"}',
        b'{"iss": "\xed\xa0\x80"}',
        b'{"',
        b'{"a": 1} {}',
    ],
    ids=lambda claims: claims[:12].decode("latin-1"),
)
def test_what_cannot_be_read_is_refused(issuer: Issuer, claims: bytes) -> None:
    refuse(issuer.sign_bytes(claims))


def test_huge_tokens_are_refused_before_they_are_read(issuer: Issuer) -> None:
    refuse(issuer.sign(issuer.claims(padding="x" * MAXIMUM_LENGTH)))
    long = issuer.sign(issuer.claims(padding="x" * (MAXIMUM_LENGTH // 2)))
    assert check(long).subject == "ada"


@pytest.mark.parametrize(
    "token",
    ["a.b.c", "eyJ.eyJ", "eyJh.eyJh.a.b", "eyJh.e=Jh.x", "irp_eyJ", "eyJ a.b.c"],
)
def test_what_is_no_jwt_is_left_to_our_own_tokens(issuer: Issuer, token: str) -> None:
    assert not is_jwt(token)
