"""Having many documents processed again: page by page, at a steady pace, and on from where it stopped."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from cli.api import Api
from cli.errors import CommandError, ConflictError, SignInError, UnavailableError
from docqa.models.api import DocumentView
from docqa.models.document import DocumentStatus

# The service said "too fast" or was away, also after the client's own attempts: wait, and ask again.
BUSY_SECONDS = 10.0
BUSY_ROUNDS = 30

UNDER_WAY = frozenset({DocumentStatus.RECEIVED, DocumentStatus.PROCESSING})


@dataclass
class Reprocessed:
    """What became of the documents.

    Attributes:
        admitted: Ids of those that wait now.
        already: Ids of those that waited or were processed already.
        refused: Why the others stay as they are, by id.
    """

    admitted: list[str] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    refused: dict[str, CommandError] = field(default_factory=dict)

    @property
    def seen(self) -> int:
        """Documents asked for so far."""
        return len(self.admitted) + len(self.already) + len(self.refused)


def failed_documents(api: Api) -> Iterator[str]:
    """Documents in quarantine. Each that is admitted leaves the list, so asking again goes on with the rest."""
    return (view.document_id for view in api.documents(DocumentStatus.FAILED.value))


def all_documents(api: Api, before: float) -> Iterator[str]:
    """Documents whose newest version was received before that moment, and which are not under way.

    The list begins with the newest change, and what is processed again changes: it moves to the front, behind us.
    """
    return (view.document_id for view in api.documents() if _is_due(view, before))


def reprocess(api: Api, document_ids: Iterable[str], rate: float, done: Reprocessed) -> Iterator[Reprocessed]:
    """Have one document after the other processed again, at most `rate` a second; `done` as it grows.

    Raises:
        UnavailableError: the service stayed away for minutes.
    """
    for document_id in document_ids:
        try:
            _admit(api, document_id)
            done.admitted.append(document_id)
        except ConflictError:
            done.already.append(document_id)
        except UnavailableError:
            raise
        except CommandError as error:
            done.refused[document_id] = error
        yield done
        time.sleep(1 / rate)


def _admit(api: Api, document_id: str) -> None:
    for round_ in range(1, BUSY_ROUNDS + 1):
        try:
            api.reprocess(document_id)
        except UnavailableError:
            if round_ == BUSY_ROUNDS:
                raise
            time.sleep(BUSY_SECONDS)
        else:
            return


def _is_due(view: DocumentView, before: float) -> bool:
    return view.status not in UNDER_WAY and view.received_at < before


def exit_error(done: Reprocessed, *, chosen: bool) -> CommandError | None:
    """The error that the command ends with; of documents nobody named, those of others do not count."""
    errors = [error for error in done.refused.values() if chosen or not isinstance(error, SignInError)]
    return errors[0] if errors else None
