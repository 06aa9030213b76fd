"""What the viewer's page and its workers may do: a Content-Security-Policy for each.

Apart from `portal.pages.viewer`, because the settings name `add_headers`.
"""

from typing import Final

# Scripts of this server only, none of them inline; decoders are WebAssembly, workers
# are made of blobs as well. The portal shows the viewer in a frame.
POLICY: Final = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval';"
    " style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:;"
    " media-src 'self' blob:; font-src 'self' data:; connect-src 'self' data: blob:;"
    " worker-src 'self' blob:; frame-src 'self' blob:; object-src 'self' blob:;"
    " form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
# A worker is under the policy of its own file, and decoders write functions when they
# start. There is no page in a worker, and what it asks for is asked of this server.
WORKER_POLICY: Final = POLICY.replace("'self'", "'self' 'unsafe-eval'", 1)


def add_headers(headers: dict[str, str], _path: str, url: str) -> None:
    """Have a worker of the viewer run under a policy, too; WhiteNoise calls it."""
    if url.startswith("/viewer/"):
        headers["Content-Security-Policy"] = WORKER_POLICY
