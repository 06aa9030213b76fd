"""The keys of an issuer: kept in the process, asked for anew when it rotates them."""

import asyncio
import logging
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from core.accounts.oidc.fetching import fetch_keys
from core.accounts.oidc.reading import Flaw, bad
from core.errors import Busy, Upstream

logger = logging.getLogger(__name__)

REFRESH_S: Final = 600.0  # a key that the issuer withdraws ends within it
RETRY_S: Final = 10.0  # unknown keys are asked for once in it, whoever names them
PATIENCE_S: Final = 12.0
MINIMUM_RSA_BITS: Final = 2048
# Asymmetric ones only, each with the one kind of key that it is for (RFC 8725 3.1,
# 3.2): kty, and crv where there are several.
ALGORITHMS: Final[Mapping[str, tuple[str, str | None]]] = {
    **dict.fromkeys(("RS256", "RS384", "RS512"), ("RSA", None)),
    **dict.fromkeys(("PS256", "PS384", "PS512"), ("RSA", None)),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "EdDSA": ("OKP", "Ed25519"),
}

_threads: Final = ThreadPoolExecutor(2, thread_name_prefix="oidc")


class KeySet:
    """What an issuer signed with at one moment."""

    def __init__(self, jwks: Sequence[Mapping[str, Any]]) -> None:
        self._jwks = jwks
        self._made: dict[tuple[str | None, str], jwt.PyJWK] = {}

    def find(self, key_id: str | None, algorithm: str) -> jwt.PyJWK | None:
        """Return the one key that is meant; None where none or several may be.

        Only the issuer's own set counts: nothing in a token brings or finds a key.
        """
        known = self._made.get((key_id, algorithm))
        if known is not None:
            return known
        fitting = [key for key in self._jwks if _fits(key, key_id, algorithm)]
        key = _made(fitting[0], algorithm) if len(fitting) == 1 else None
        if key is not None:
            self._made[key_id, algorithm] = key
        return key


class Keys:
    """What one issuer signs with, as far as this process knows."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer
        self._lock = threading.Lock()
        self._set = KeySet(())
        self._fetched_at = self._tried_at = -float("inf")
        self._has_failed = False
        self._fetching: Future[None] | None = None

    def find(self, key_id: str | None, algorithm: str) -> jwt.PyJWK | None:
        """Return the one key that is meant; None where none or several may be."""
        return self._set.find(key_id, algorithm)

    async def prepare(self, key_id: str | None, algorithm: str) -> None:
        """Have the key at hand, asking the issuer if need be.

        A key that is known works while the issuer is away.

        Raises
        ------
        Unauthenticated
            The issuer has no such key.
        Busy
            It does not answer, so nobody knows.
        """
        now = time.monotonic()
        if self.find(key_id, algorithm) is not None:
            if now - self._fetched_at > REFRESH_S:
                self._fetch_unless_just_tried(now)
            return
        fetching = self._fetch_unless_just_tried(now)
        if fetching is not None:
            try:
                waiting = asyncio.shield(asyncio.wrap_future(fetching))
                await asyncio.wait_for(waiting, PATIENCE_S)
            except TimeoutError as error:
                raise _away() from error
        if self.find(key_id, algorithm) is None:
            raise _away() if self._has_failed else bad(Flaw.KEY)

    def _fetch_unless_just_tried(self, now: float) -> Future[None] | None:
        """Return the asking that runs, or that begins now."""
        with self._lock:
            running = self._fetching
            if running is not None and not running.done():
                return running
            if now - self._tried_at < RETRY_S:
                return None
            self._tried_at = now
            self._fetching = _threads.submit(self._fetch)
            return self._fetching

    def _fetch(self) -> None:
        try:
            held = fetch_keys(self._issuer)
        except Upstream as error:
            self._has_failed = True
            logger.warning("keys of an issuer cannot be had: %s", error.message)
            return
        self._set = KeySet(held)
        self._has_failed, self._fetched_at = False, time.monotonic()


def _fits(key: Mapping[str, Any], key_id: str | None, algorithm: str) -> bool:
    kind, curve = ALGORITHMS.get(algorithm, ("", None))
    return (
        key.get("kty") == kind
        and (curve is None or key.get("crv") == curve)
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (key_id is None or key.get("kid") == key_id)
    )


def _made(key: Mapping[str, Any], algorithm: str) -> jwt.PyJWK | None:
    try:
        made = jwt.PyJWK(dict(key), algorithm)
    except jwt.PyJWTError as error:
        logger.warning("a key of an issuer cannot be used: %s", type(error).__name__)
        return None
    if isinstance(made.key, RSAPublicKey) and made.key.key_size < MINIMUM_RSA_BITS:
        logger.warning("a key of an issuer is too short: %s bits", made.key.key_size)
        return None
    return made


def _away() -> Busy:
    message = "The issuer of your token cannot be asked for its keys. Try again soon."
    return Busy(message, retry_after_s=int(RETRY_S))
