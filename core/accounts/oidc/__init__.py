"""OpenID Connect: tokens of issuers, verified with their keys, and signing in there.

``PORTAL_OIDC_ISSUER`` names who is trusted. A token is told from ours by its form. What
must be asked of the issuer is asked ahead (`prepare`), outside of the threads that use
the database; `actor_of_jwt` verifies with the keys at hand (`verify`), finds or makes
the account and gives it the roles of its groups (`members`). In a browser people sign
in at an issuer that knows the portal as one of its `clients`, by `code_flow`.

PyJWT checks signatures and times. What it leaves open is decided here: which algorithm
goes with which kind of key, which key is meant, that nothing stands in a token twice.

References
----------
OpenID Connect Core 1.0, Discovery 1.0; RFC 6750, 7519, 8725, 9068.
"""

from core.accounts.oidc.members import actor_of_jwt
from core.accounts.oidc.verify import is_jwt, prepare

__all__ = ["actor_of_jwt", "is_jwt", "prepare"]
