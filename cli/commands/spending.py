"""`docqa cost` and `docqa budget`."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.errors import UsageError
from cli.options import Json, Region, StackName
from cli.output import print_json

DAYS = 7


def cost(
    *,
    days: Annotated[int, typer.Option("--days", help="So many days, today included.")] = DAYS,
    tenant: Annotated[
        str | None, typer.Option("--tenant", help="Another one (with an operator's AWS credentials).")
    ] = None,
    everybody: Annotated[
        bool, typer.Option("--all", help="Every tenant (with an operator's AWS credentials).")
    ] = False,
    stack: StackName = None,
    region: Region = None,
    as_json: Json = False,
) -> None:
    """Show what was paid for Textract and models by day (UTC), and what is left of today's budget."""
    from cli.connection import connect, find_stack
    from cli.spending_view import print_reports

    if tenant and everybody:
        raise UsageError("Say either --tenant or --all.")
    if tenant or everybody:
        from cli import spending

        found = spending.reports(find_stack(stack, region), tenant, days)
    else:
        with connect(stack, region) as api:
            found = [api.spending(days)]
    if as_json:
        print_json([one.model_dump(mode="json") for one in found])
    else:
        print_reports(found)


def budget(
    tenant: Annotated[str, typer.Argument(metavar="TENANT", help="Whose.")],
    amount: Annotated[
        str,
        typer.Argument(metavar="AMOUNT", help="USD a day, e.g. 12.50; none: no limit; default: the stack's again."),
    ],
    *,
    stack: StackName = None,
    region: Region = None,
    as_json: Json = False,
) -> None:
    """Give a tenant a daily budget of its own (with an operator's AWS credentials); it holds within seconds."""
    from cli import spending
    from cli.connection import find_stack
    from cli.spending_view import print_reports

    report = spending.set_budget(find_stack(stack, region), tenant, amount)
    if as_json:
        print_json(report.model_dump(mode="json"))
    else:
        print_reports([report])
