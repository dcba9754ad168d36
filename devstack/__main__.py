"""`python -m devstack up|deploy|admin|down|reset|status`."""

from __future__ import annotations

import argparse
import os
import sys

from rich.console import Console
from rich.table import Table

from cli.errors import CommandError
from devstack import control
from devstack.errors import DevstackError
from devstack.progress import ConsoleProgress
from devstack.settings import DevstackSettings, Endpoints

LINE_WIDTH = 200
NOT_RUNNING = 3  # what `systemctl status` says, too
COMMANDS = {
    "up": "start what does not run yet",
    "deploy": "build the template and deploy it to the running emulator",
    "admin": "make the demo's person an administrator, until reset",
    "down": "stop what up started; the data stays",
    "reset": "stop it and forget its data",
    "status": "what runs where",
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command.

    Returns:
        The exit code: 0, 1 for a failure, NOT_RUNNING when `status` finds something that does not run.
    """
    parser = argparse.ArgumentParser(prog="python -m devstack", description="The one-machine cloud.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, purpose in COMMANDS.items():
        commands.add_parser(name, help=purpose)
    command = parser.parse_args(arguments).command
    try:
        return _run(command, DevstackSettings.from_environment(os.environ))
    except (CommandError, DevstackError) as error:
        print(error, file=sys.stderr)
        return 1


def _run(command: str, settings: DevstackSettings) -> int:
    if command == "up":
        control.up(settings, ConsoleProgress())
        urls = Endpoints.of(settings)
        print(f"AWS emulator {urls.emulator_url}, OpenSearch {urls.opensearch_url}, models {urls.models_url}")
    elif command == "deploy":
        from devstack.deploy import deploy

        stack = deploy(settings, progress=ConsoleProgress())
        print(f"Stack {stack.name} is deployed: its API is {stack.api_url}")
    elif command == "admin":
        _make_administrator()
    elif command == "down":
        stopped = control.down(settings, ConsoleProgress())
        print(f"Stopped: {', '.join(stopped)}." if stopped else "Nothing was running.")
    elif command == "reset":
        control.reset(settings, ConsoleProgress())
        print("Stopped, and its data is gone; downloads are kept.")
    else:
        return _show_status(settings)
    return 0


def _make_administrator() -> None:
    from cli.connection import forget_local_session
    from cli.stack import local_stack, local_stack_file
    from devstack.people import make_administrator

    name = make_administrator(local_stack(local_stack_file()))
    forget_local_session()
    print(f"{name} administers the tenant from now on: docqa export-feedback works, until make reset.")


def _show_status(settings: DevstackSettings) -> int:
    table = Table("service", "state", "address", "process", "memory", "log", box=None)
    found = control.status(settings)
    for service in found:
        memory = "" if service.memory_bytes is None else f"{service.memory_bytes / 2**20:.0f} MiB"
        process = "" if service.process_id is None else str(service.process_id)
        table.add_row(service.title, service.state, service.url, process, memory, str(service.log))
    # Addresses and paths stay whole where there is no window to fit them into.
    Console(highlight=False, width=None if sys.stdout.isatty() else LINE_WIDTH).print(table)
    return 0 if all(service.state == "running" for service in found) else NOT_RUNNING


if __name__ == "__main__":
    sys.exit(main())
