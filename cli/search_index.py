"""The configuration item of a stack's search index, for its operator."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from cli.errors import CommandError, NotFoundError, SignInError, UnavailableError
from cli.stack import Stack
from docqa.adapters.dynamodb_documents import DocumentsTable, DynamoDBDocumentRegistry
from docqa.errors import RetryableError


def state(stack: Stack) -> dict[str, Any]:
    """The item as it is now.

    Raises:
        NotFoundError: the stack has prepared no index yet.
    """
    with _aws(stack):
        table = DocumentsTable(stack.client("dynamodb"), stack.output("DocumentsTableName"))
        configuration = DynamoDBDocumentRegistry(table).index_configuration()
    if configuration is None:
        raise NotFoundError(f"Stack {stack.name} has no search index yet: was it deployed to the end?")
    return asdict(configuration)


def rebuild(stack: Stack) -> None:
    """Begin a new index with the same model beside the one that answers."""
    with _aws(stack):
        answer = stack.client("lambda").invoke(
            FunctionName=stack.output("KeepIndexFunctionName"), Payload=json.dumps({"rebuild": True}).encode()
        )
    if "FunctionError" in answer:
        raise CommandError("The index cannot be rebuilt now: see the log of KeepIndexFunction.")


def facts(state: dict[str, Any]) -> list[tuple[str, str]]:
    """The item in the operator's words."""
    told = [
        ("index", f"{state['index']} ({'complete' if state['complete'] else 'being filled again'})"),
        ("model", f"{state['embedding_model']}, {state['dimensions']} dimensions"),
    ]
    if coming := state["next"]:
        told.append(("next", f"{coming['name']}, {coming['embedding_model']}, {coming['dimensions']} dimensions"))
    if walk := state["walk"]:
        told.append(("compared", f"{walk['seen']} documents so far, {walk['lacking']} of them to be filled"))
    elif state["next"] or not state["complete"]:
        told.append(("compared", "again within a minute"))
    if retiring := state["retiring"]:
        told.append(("retiring", f"{retiring['name']}, to be removed soon"))
    return told


@contextmanager
def _aws(stack: Stack) -> Iterator[None]:
    from botocore import exceptions

    try:
        yield
    except RetryableError as error:
        raise UnavailableError(f"DynamoDB does not answer: {error}") from error
    except exceptions.ClientError as error:
        raise SignInError(f"AWS does not let you see the index of {stack.name}: {error}") from error
    except (exceptions.NoCredentialsError, exceptions.TokenRetrievalError) as error:
        raise SignInError("AWS credentials are needed: an operator's, not those of `docqa login`.") from error
    except exceptions.BotoCoreError as error:
        raise UnavailableError(f"AWS cannot be reached: {error}") from error
