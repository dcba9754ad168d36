"""`docqa channels`: who may ask through which queue, and where answers may go."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.errors import UsageError
from cli.options import Json, Region, StackName
from cli.output import print_json, remark

app = typer.Typer(
    help="Register queues that questions come from and answers go to (with an administrator's AWS credentials).",
    no_args_is_help=True,
)
QueueArn = Annotated[str, typer.Argument(metavar="QUEUE_ARN", help="An SQS queue in the stack's region.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="As questions name it in reply_to.")]
Groups = Annotated[str, typer.Option("--groups", metavar="GROUP,...", help="Groups that it reads for.")]
Threshold = Annotated[
    float | None,
    typer.Option(
        "--threshold", metavar="0…1", help="Confidence below which it is not answered; the stack's if absent."
    ),
]
Tenant = Annotated[str, typer.Option("--tenant", help="Whose documents are asked, and whose answers these are.")]


@app.command("add-queue")
def add_queue(
    queue_arn: QueueArn,
    *,
    tenant: Tenant,
    groups: Groups = "",
    threshold: Threshold = None,
    stack: StackName = None,
    region: Region = None,
) -> None:
    """Let a queue ask questions for a tenant and groups."""
    from cli import channels
    from cli.connection import find_stack

    names = _names(groups)
    left = channels.add_queue(find_stack(stack, region), queue_arn, tenant, names, threshold)
    _say(f"{queue_arn} asks for {tenant}{' and ' + ', '.join(sorted(names)) if names else ''}.", left)


@app.command("add-destination")
def add_destination(
    name: Name, queue_arn: QueueArn, *, tenant: Tenant, stack: StackName = None, region: Region = None
) -> None:
    """Let a tenant's questions name a queue that their answers go to."""
    from cli import channels
    from cli.connection import find_stack

    left = channels.add_destination(find_stack(stack, region), name, queue_arn, tenant)
    _say(f"Answers to {tenant} go to {queue_arn} where a question says reply_to {name}.", left)


@app.command("add-inbox")
def add_inbox(
    prefix: Annotated[str, typer.Argument(metavar="PREFIX", help="A folder of the inbox bucket.")],
    *,
    tenant: Tenant,
    groups: Groups = "",
    threshold: Threshold = None,
    stack: StackName = None,
    region: Region = None,
) -> None:
    """Let files of questions below a prefix of the inbox bucket ask for a tenant and groups."""
    from cli import channels
    from cli.connection import find_stack

    found, names = find_stack(stack, region), _names(groups)
    below = channels.add_inbox(found, prefix, tenant, names, threshold)
    bucket = found.output("InboxBucketName")
    asks = f"{tenant}{' and ' + ', '.join(sorted(names)) if names else ''}"
    _say(f"Files s3://{bucket}/{below}*.jsonl ask for {asks}; results go to {below}results/.", [])


@app.command("remove")
def remove(
    what: Annotated[
        str,
        typer.Argument(
            metavar="QUEUE_ARN|NAME|PREFIX/", help="A queue's ARN, a destination's name, or a prefix with its slash."
        ),
    ],
    *,
    tenant: Annotated[str | None, typer.Option("--tenant", help="Of the destination.")] = None,
    stack: StackName = None,
    region: Region = None,
) -> None:
    """Take a registration away: it is refused from now on."""
    from cli import channels
    from cli.connection import find_stack

    if what.startswith("arn:"):
        channels.remove_queue(find_stack(stack, region), what)
    elif what.endswith("/"):
        channels.remove_inbox(find_stack(stack, region), what)
    elif tenant is None:
        raise UsageError("Whose destination? Name the --tenant.")
    else:
        channels.remove_destination(find_stack(stack, region), what, tenant)
    remark(f"{what} is no longer registered.")


@app.command("list")
def list_channels(stack: StackName = None, region: Region = None, as_json: Json = False) -> None:
    """List what is registered, besides the stack's own two queues."""
    from cli import channels
    from cli.connection import find_stack
    from cli.views import print_channels

    found = channels.registered(find_stack(stack, region))
    if as_json:
        print_json(found)
    else:
        print_channels(found)


def _names(groups: str) -> frozenset[str]:
    return frozenset(name.strip() for name in groups.split(",") if name.strip())


def _say(done: str, left: list[str]) -> None:
    for sentence in (done, *left):
        remark(sentence)
