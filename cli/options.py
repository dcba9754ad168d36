"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

StackName = Annotated[
    str | None,
    typer.Option(
        "--stack", envvar="DOCQA_STACK", help="A stack in AWS; without it, the one-machine cloud.", show_default=False
    ),
]
Region = Annotated[
    str | None,
    typer.Option(
        "--region", help="AWS region of the stack; without it, AWS_REGION or the profile's.", show_default=False
    ),
]
Json = Annotated[
    bool,
    typer.Option(
        "--json", help="One JSON value on stdout, for programs; an error is a JSON object, the last line on stderr."
    ),
]
Timeout = Annotated[float, typer.Option("--timeout", min=1, help="Seconds to wait at most.")]
