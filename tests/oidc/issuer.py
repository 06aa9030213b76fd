"""A real OpenID Connect issuer: the npm package ``oidc-provider`` under Node.

Its private keys are made here, so that a test can also sign what it never would.
"""

import base64
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import time
from typing import Any, Final

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from tests.npm import node_with
from tests.stack import free_port

FOLDER: Final = Path(__file__).parent / "npm"
AUDIENCE: Final = "https://portal.example/"
CLIENT_ID: Final = "portal"
CLIENT_SECRET: Final = "secret of the portal: a+b"


def new_key(algorithm: str) -> PrivateKeyTypes:
    """Return a new private key for an algorithm of JWS."""
    match algorithm[:2]:
        case "ES":
            return ec.generate_private_key(ec.SECP256R1())
        case "Ed":
            return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(65537, 2048)


class Issuer:
    """One issuer, at an address of this machine that stays the same."""

    def __init__(self, folder: Path, redirect_uri: str = "") -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.algorithm = "RS256"
        self.key_id = "first"
        self.key = new_key(self.algorithm)
        self.redirect_uri = redirect_uri
        self._file = folder / "keys.json"
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it with its present key, and wait until it answers."""
        node = node_with(FOLDER)
        self._file.write_text(json.dumps({"keys": [self.jwk(private=True)]}))
        self._process = subprocess.Popen(
            [
                node,
                FOLDER / "issuer.mjs",
                str(self.port),
                self._file,
                *([self.redirect_uri] if self.redirect_uri else []),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def stop(self) -> None:
        """End it."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            with process:
                process.wait(30)

    def rotate(self, key_id: str, algorithm: str = "RS256") -> None:
        """Exchange its key, as an issuer does by its clock or after a theft."""
        self.stop()
        self.key_id, self.algorithm = key_id, algorithm
        self.key = new_key(algorithm)
        self.start()

    def jwk(self, *, private: bool = False) -> dict[str, Any]:
        """Return its key."""
        algorithm = jwt.get_algorithm_by_name(self.algorithm)
        key = self.key if private else self.key.public_key()
        written: dict[str, Any] = algorithm.to_jwk(key, as_dict=True)
        written = {k: v for k, v in written.items() if k != "key_ops"}
        return written | {"kid": self.key_id, "alg": self.algorithm, "use": "sig"}

    def token(
        self, person: str = "ada", groups: str = "", audience: str = AUDIENCE
    ) -> str:
        """Return an access token that it gives a person."""
        answer = httpx.post(
            f"{self.url}/token",
            auth=(person, f"secret of {person}".replace(" ", "%20")),
            data={
                "grant_type": "client_credentials",
                "resource": audience,
                "groups": groups,
            },
        )
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        return token

    def claims(self, **changed: Any) -> dict[str, Any]:
        """Return claims that would be good but for what is changed; None: not there."""
        usual = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "ada",
            "iat": int(time()),
            "exp": int(time()) + 600,
        } | changed
        return {name: value for name, value in usual.items() if value is not None}

    def sign(self, claims: dict[str, Any], **headers: Any) -> str:
        """Return a token that is signed with its own private key."""
        headers = {"kid": self.key_id, **headers}
        return jwt.encode(claims, self.key, self.algorithm, headers)  # type: ignore[arg-type] # all that `new_key` makes do

    def sign_bytes(self, claims: bytes, header: bytes | None = None) -> str:
        """Return a token of these very bytes, signed with its own private key."""
        usual = json.dumps({"alg": self.algorithm, "kid": self.key_id}).encode()
        signed = f"{encoded(header or usual)}.{encoded(claims)}"
        algorithm = jwt.get_algorithm_by_name(self.algorithm)
        return f"{signed}.{encoded(algorithm.sign(signed.encode(), self.key))}"


def encoded(value: bytes) -> str:
    """Return bytes in base64url as JWTs have it."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


@contextmanager
def running_issuer(folder: Path, redirect_uri: str = "") -> Iterator[Issuer]:
    """Run an issuer.

    Parameters
    ----------
    redirect_uri
        Where people who sign in there by a form come back to.
    """
    issuer = Issuer(folder, redirect_uri)
    try:
        issuer.start()
        yield issuer
    finally:
        issuer.stop()
