"""What can go wrong, in the words of the domain. Knows nothing of HTTP, Flask or the database.

::

    DeskError
    ├── InvalidInput              a field, filter or parameter is wrong; names all of them
    ├── InvalidOperation          the record's state forbids it
    ├── Unauthorized              nobody, or nobody we know, is calling
    │   └── SignInRequired        nobody is signed in to the desk
    ├── PermissionDenied          known, but not allowed to
    ├── NotFound
    │   └── CustomerNotFound      unknown, or another tenant's or environment's
    ├── NotAcceptable             the caller does not take JSON
    ├── RequestTimeout            the body did not arrive in time
    ├── UnsupportedMediaType      the body is not declared as JSON
    ├── ExternalIdTaken           another published customer has it
    ├── VersionConflict           the record changed since the caller read it
    ├── OtherEnvironment          the form was opened in another environment than the present one
    ├── IdempotencyMismatch       the idempotency key was used for another request
    ├── RequestInProgress         a request with this idempotency key is still running
    ├── TooManyRequests           slow down; says for how long
    ├── NotProvided               a route of the wider billing product that is not this service's
    ├── HttpsRequired             the request came unprotected from another machine
    ├── UnknownHost               the request was sent to a name that is not this installation's
    └── ServiceUnavailable        the database is away or too busy
"""

from collections.abc import Mapping, Sequence

from webapp.phrases import Phrase, joined, phrase

Details = Mapping[str, Sequence[str]]
#: So many faults, in so many characters, stand in a message; ``details`` has more.
MOST_TOLD = 5
LONGEST_TOLD = 600


class DeskError(Exception):
    """The root of this tree: a message for the caller, and details by field.

    ``details`` maps a field's JSON name to its messages, or is empty.
    """

    default_message: str = phrase("Something went wrong.")

    def __init__(self, message: str = "", details: Details | None = None) -> None:
        super().__init__(message or self.default_message)
        self.message = message or self.default_message
        self.details: Details = details or {}


class InvalidInput(DeskError):
    """At least one field, filter or parameter is wrong; ``details`` names every wrong one.

    So does the message, which is all that some clients show, as far as it has room.
    """

    default_message = phrase("The request has a value that is not valid.")

    def __init__(self, message: str = "", details: Details | None = None) -> None:
        super().__init__(message or _told(details or {}), details)


def _told(details: Details) -> str:
    """The faults in one line of at most some hundred characters; ``""`` for none."""
    told = [
        Phrase("%(name)s: %(messages)s", name=name[:100], messages=joined(" ", messages))
        for name, messages in details.items()
    ]
    line = joined(" ", told[:MOST_TOLD])
    if len(line) > LONGEST_TOLD:
        return line[:LONGEST_TOLD] + "…"
    if len(told) > MOST_TOLD:
        return phrase("%(faults)s And %(count)d more.", faults=line, count=len(told) - MOST_TOLD)
    return line


class InvalidOperation(DeskError):
    """The record's state forbids what was asked."""


class Unauthorized(DeskError):
    """No usable credential. One message for every reason (contract section 1)."""

    default_message = phrase("Send a valid API key, as 'Authorization: Bearer KEY' or as 'x-api-key: KEY'.")


class SignInRequired(Unauthorized):
    """Nobody is signed in at the desk, or the sign-in has ended."""

    default_message = phrase("Your sign-in has ended.")


class PermissionDenied(DeskError):
    """The caller is known but may not do this."""

    default_message = phrase("You are not allowed to do this.")


class NotFound(DeskError):
    """There is nothing here."""

    default_message = phrase("There is nothing at this address.")


class CustomerNotFound(NotFound):
    """No such customer for this caller."""

    default_message = phrase("There is no such customer.")


class NotAcceptable(DeskError):
    """The caller accepts no representation that exists."""

    default_message = phrase("This address answers with application/json only.")


class RequestTimeout(DeskError):
    """The body did not arrive in time."""

    default_message = phrase("The request's body did not arrive in time. Nothing was changed; send it again.")


class UnsupportedMediaType(DeskError):
    """The body is not declared as what this address reads."""

    default_message = phrase("Send the body as JSON, with 'Content-Type: application/json'.")


class ExternalIdTaken(DeskError):
    """Another published customer of the environment has this external ID."""

    def __init__(self, external_id: str) -> None:
        message = phrase("Another customer already has this external ID.")
        super().__init__(message, {"external_id": [message]})
        self.external_id = external_id


class VersionConflict(DeskError):
    """The record is not at the version that the caller expected.

    Attributes:
        current_version: the record's version now.
    """

    def __init__(self, current_version: int) -> None:
        super().__init__(
            phrase("The customer has changed since: it is at version %(version)d now.", version=current_version),
            {"version": [str(current_version)]},
        )
        self.current_version = current_version


class OtherEnvironment(DeskError):
    """A form comes from a page of another environment than the one that the sign-in is switched to.

    Attributes:
        environment_id, environment: the form's own, and its name.
    """

    def __init__(self, environment_id: str, environment: str) -> None:
        super().__init__(
            phrase(
                "This form was opened in %(environment)s, and you have switched to another environment since. "
                "Nothing was done.",
                environment=environment,
            )
        )
        self.environment_id = environment_id
        self.environment = environment


class IdempotencyMismatch(DeskError):
    """The idempotency key was used for another request (contract section 7)."""

    default_message = phrase("This Idempotency-Key was used for another request. Send a new key with a new request.")


class RequestInProgress(DeskError):
    """A request with this idempotency key is still running (contract section 7)."""

    default_message = phrase("A request with this Idempotency-Key is still running. Send it again in a few seconds.")


class TooManyRequests(DeskError):
    """The caller must wait.

    Attributes:
        retry_after: seconds to wait, at least 1.
    """

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = max(1, retry_after)


class NotProvided(DeskError):
    """A published route that belongs to the wider billing product."""

    default_message = phrase(
        "This service keeps customer records only; this address belongs to the wider billing product."
    )


class HttpsRequired(DeskError):
    """The request came over plain HTTP although this installation demands HTTPS."""

    default_message = phrase("This installation answers over HTTPS only.")


class UnknownHost(DeskError):
    """The request names a host that this installation does not answer for."""

    default_message = phrase(
        "This installation does not answer under that name. An operator enters its names in ALLOWED_HOSTS."
    )


class ServiceUnavailable(DeskError):
    """The database cannot be reached, or is too busy, right now."""

    default_message = phrase("The service cannot reach its database right now. Try again in a few seconds.")
