"""Every error docqa raises on purpose.

    DocqaError
    ├── ConfigurationError                  a setting is missing or wrong; the deployer mends it
    ├── RetryableError                      trying again later may help
    │   ├── ThrottledError                  a service said "too fast" or "too many at once"
    │   ├── ServiceUnavailableError         a service did not answer, or answered with a fault of its own
    │   │   └── CircuitOpenError            it did so lately, and was therefore not asked
    │   ├── ConcurrentUpdateError           somebody else wrote the item between our read and our write
    │   └── NotYetVisibleError              what was just written cannot be read yet
    ├── WorkCutOffError                     whoever was at work on a question ended without a word, for the last time
    ├── StaleVersionError                   a newer version of the document was admitted; this work is void
    ├── DocumentError                       the document itself cannot be processed; its owner must act
    │   ├── UnsupportedDocumentError        not a type that docqa reads
    │   ├── EmptyDocumentError              nothing on any page can be read
    │   ├── EncryptedDocumentError          a password is needed
    │   ├── MalformedDocumentError          the file is damaged or is not what it says
    │   ├── DocumentTooLargeError           above a stated limit of size, pages or characters
    │   ├── ParsingLimitError               reading it took more memory, time or output than a file may
    │   ├── ParserFaultError                a parser stumbled over it in a way that nobody foresaw
    │   ├── InvalidKeyError                 the object's key cannot be a document's name
    │   ├── ExtractionFailedError           text extraction gave up on the document
    │   └── ChunksRejectedError             the index refused chunks for good
    ├── BatchError                          a file of questions cannot be worked on as it is; its sender must act
    └── RequestError                        the caller's request cannot be served; maps to an HTTP status
        ├── InvalidRequestError             400  malformed or outside the stated limits
        ├── UnauthenticatedError            401  no verified identity
        ├── ForbiddenError                  403  known, but not allowed to do this
        ├── NotFoundError                   404  absent, or not visible to this caller
        ├── ConflictError                   409  the same key is being worked on, or the state does not allow it
        ├── IdempotencyMismatchError        422  the idempotency key was used with another body
        ├── BudgetUsedUpError               429  the tenant's budget of the day is used up
        └── TooManyBatchesError             429  the tenant has as many batches under way as it may have

The class name is the contract with the state machine's Retry and Catch: tests/infrastructure ties the two.
"""

from __future__ import annotations


class DocqaError(Exception):
    """Root of every error raised on purpose."""


class ConfigurationError(DocqaError):
    """A setting is missing or contradicts another. Retrying does not help; the message names the setting."""


class RetryableError(DocqaError):
    """Trying the same work again later may succeed."""


class ThrottledError(RetryableError):
    """A service refused because of a rate or a number of jobs at once.

    It is waited for: an hour in place, then in the registry. A document fails by it only when several tries in a row,
    hours apart, got no further at all (`domain.retries`).
    """


class ServiceUnavailableError(RetryableError):
    """A service timed out, refused the connection or answered with a 5xx."""


class CircuitOpenError(ServiceUnavailableError):
    """The service failed several times in a row a moment ago, so it was not asked: trying at once does not help."""


class ConcurrentUpdateError(RetryableError):
    """An optimistic write lost against another writer. Read again, decide again, write again."""


class NotYetVisibleError(RetryableError):
    """An object or item that another step wrote is not readable yet."""


class WorkCutOffError(DocqaError):
    """Nobody is at work on a question any more, and none of those who were said how it ended: killed, or never run."""


class StaleVersionError(DocqaError):
    """A newer generation was admitted, or the document was deleted. The work is dropped without a failure."""


class DocumentError(DocqaError):
    """The document cannot be processed. The message is shown to its owner: words of theirs, and what to do."""


class UnsupportedDocumentError(DocumentError):
    """The content is of a type that docqa does not read."""


class EmptyDocumentError(DocumentError):
    """No page of the document holds anything that can be read."""


class EncryptedDocumentError(DocumentError):
    """The document opens only with a password."""


class MalformedDocumentError(DocumentError):
    """The file is damaged, truncated or not of the type it claims."""


class DocumentTooLargeError(DocumentError):
    """The document exceeds a stated limit (bytes, pages or characters)."""


class ParsingLimitError(DocumentError):
    """Reading the file took more memory, time or output than a file may, so that it was stopped."""


class ParserFaultError(DocumentError):
    """A parser raised what it never should; whether the file or the parser is at fault, only its developer can tell.

    A DocumentError, because the same file would be stumbled over again, and saving it anew is what helps its owner.

    Attributes:
        frames: Code lines that the parser's exception passed, for the log.
    """

    def __init__(self, message: str, frames: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.frames = frames


class InvalidKeyError(DocumentError):
    """The object's key has no tenant prefix or cannot name a document."""


class ExtractionFailedError(DocumentError):
    """The text extraction service gave up on the document."""


class ChunksRejectedError(DocumentError):
    """The index refused some chunks for good; the message names their ordinals."""


class BatchError(DocqaError):
    """A file of questions cannot be worked on as it is. The message is shown to its sender: words of theirs."""


class RequestError(DocqaError):
    """A request that cannot be served as asked.

    Attributes:
        status: HTTP status code of the problem document.
        title: Short, stable summary of the kind of problem.
        retry_after: Seconds after which the same request may be served; None: it never will be as it is.
    """

    status: int = 400
    title: str = "Bad request"
    retry_after: int | None = None


class InvalidRequestError(RequestError):
    """The body or a parameter is malformed or outside its limits."""

    status = 400
    title = "Invalid request"


class UnauthenticatedError(RequestError):
    """No verified identity came with the request."""

    status = 401
    title = "Not signed in"


class ForbiddenError(RequestError):
    """The caller is known and may not do this."""

    status = 403
    title = "Not allowed"


class NotFoundError(RequestError):
    """Nothing of that name is visible to this caller. A foreign id looks exactly like an absent one."""

    status = 404
    title = "Not found"


class ConflictError(RequestError):
    """The state of the thing asked for does not allow this now."""

    status = 409
    title = "Conflict"


class IdempotencyMismatchError(RequestError):
    """The idempotency key was used before with another body."""

    status = 422
    title = "Idempotency key reused"


class BudgetUsedUpError(RequestError):
    """The tenant may spend nothing more today. Nothing was paid for this request."""

    status = 429
    title = "Budget used up"

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class TooManyBatchesError(RequestError):
    """The tenant has as many batches under way as it may have. Nothing was paid for this one."""

    status = 429
    title = "Too many batches"
    retry_after = 60
