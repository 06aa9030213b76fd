"""The errors of the portal: one tree, mapped to each protocol in `core.boundary`.

::

    PortalError
     ├── NotFound            it is not there, or the actor may not know that it is
     │    └── Gone           it was there and has been removed for good
     ├── Forbidden           the actor's role lacks the verb altogether
     ├── Unauthenticated     no credentials, or bad ones
     ├── Invalid             the request breaks a rule; `path` names the place
     │    ├── TooLarge       it is larger than the server takes
     │    └── TooSlow        it did not come in time
     ├── Unsupported         a form that the server does not make or take
     │    ├── NotAllowed     a method that an address does not have
     │    ├── NotAcceptable  none of the forms that the client accepts
     │    └── UnsupportedMedia   a body of a type that is not taken
     ├── Conflict            it contradicts what is held
     │    └── PreconditionFailed   the client's precondition does not hold
     ├── Busy                try again later; `retry_after_s` says when
     │    └── TooMany        the client has tried too often
     └── Upstream            another system failed; `retryable` says if to retry

Domain code raises these; built-in exceptions mean bugs. Messages are shown to the
user and say what to do; they never hold attributes of a patient.
"""

from collections.abc import Sequence
from typing import ClassVar


class PortalError(Exception):
    """Base of all errors that a user is told about.

    Parameters
    ----------
    message
        What went wrong and what to do, in one or two sentences for the user.
    path
        The parameter, attribute or expression at fault, where there is one.
    """

    code: ClassVar[str] = "INTERNAL"

    def __init__(self, message: str, *, path: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.path = path


class NotFound(PortalError):
    """It is not there, or the actor may not see it: the answer is the same."""

    code = "NOT_FOUND"


class Gone(NotFound):
    """It was there and has been removed for good."""

    code = "GONE"


class Forbidden(PortalError):
    """The actor's role lacks the verb, whatever the object."""

    code = "FORBIDDEN"


class Unauthenticated(PortalError):
    """No credentials were given, or bad, expired or revoked ones.

    Parameters
    ----------
    error
        The code of RFC 6750 3.1 where a bearer token was given.
    """

    code = "UNAUTHENTICATED"

    def __init__(self, message: str, *, error: str = "") -> None:
        super().__init__(message)
        self.error = error


class Invalid(PortalError):
    """The request breaks a rule of the interface."""

    code = "INVALID"


class TooLarge(Invalid):
    """The request is larger than the server takes."""

    code = "TOO_LARGE"


class TooSlow(Invalid):
    """The request was begun and did not go on in time."""

    code = "TOO_SLOW"


class Unsupported(PortalError):
    """The request asks for something that this server does not do."""

    code = "UNSUPPORTED"


class NotAllowed(Unsupported):
    """The address has other methods than that of the request.

    Parameters
    ----------
    allowed
        Those that it has.
    """

    code = "NOT_ALLOWED"

    def __init__(self, message: str, *, allowed: Sequence[str]) -> None:
        super().__init__(message)
        self.allowed = tuple(allowed)


class NotAcceptable(Unsupported):
    """None of the forms that the client accepts can be made."""

    code = "NOT_ACCEPTABLE"


class UnsupportedMedia(Unsupported):
    """The body is of a type that is not taken here."""

    code = "UNSUPPORTED_MEDIA"


class Conflict(PortalError):
    """The request contradicts what is held."""

    code = "CONFLICT"


class PreconditionFailed(Conflict):
    """A precondition that the client gave does not hold."""

    code = "PRECONDITION_FAILED"


class Busy(PortalError):
    """The server cannot do it now, and may later.

    Parameters
    ----------
    retry_after_s
        Seconds after which a retry makes sense.
    """

    code = "BUSY"

    def __init__(self, message: str, *, retry_after_s: int = 5) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class TooMany(Busy):
    """The client has tried too often of late."""

    code = "TOO_MANY"


class Upstream(PortalError):
    """Another system that the request needs has failed.

    Parameters
    ----------
    retryable
        Whether the same request may succeed later.
    """

    code = "UPSTREAM"

    def __init__(self, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.retryable = retryable
