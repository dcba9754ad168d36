"""`docqa index`: which search index answers, and how far the next one is."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.options import Json, Region, StackName
from cli.output import print_json


def index(
    *,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Fill a new index from what is kept, and let it take over.")
    ] = False,
    stack: StackName = None,
    region: Region = None,
    as_json: Json = False,
) -> None:
    """Show the search index, or have it rebuilt (with an administrator's AWS credentials)."""
    from cli import search_index
    from cli.connection import find_stack
    from cli.views import print_facts

    found = find_stack(stack, region)
    if rebuild:
        search_index.rebuild(found)
    state = search_index.state(found)
    if as_json:
        print_json(state)
    else:
        print_facts(search_index.facts(state))
