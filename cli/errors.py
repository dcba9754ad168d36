"""What can go wrong for a person at the `docqa` command, and the exit code that says so.

CommandError               1  failed
├── UsageError             2  asked for in a way that cannot work
├── SignInError            4  not signed in
│   └── NotAllowedError    4  signed in, and may not do this
├── ConflictError          1  the state of what was named does not allow it now
├── NotFoundError          5  no such document, answer, stack or file
├── NotInTimeError         6  not finished within the time given
└── UnavailableError       7  the service cannot be reached, is busy, or refuses for now
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What a script may rely on; the same table stands in `docqa --help`."""

    OK = 0
    FAILED = 1
    USAGE = 2
    ABSTAINED = 3
    NOT_ALLOWED = 4
    NOT_FOUND = 5
    TIMEOUT = 6
    UNAVAILABLE = 7


EXIT_CODE_HELP = (
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 abstained (the documents do not answer), "
    "4 not signed in or not allowed, 5 not found, 6 not finished in time, 7 service unavailable, try again later."
)


class CommandError(Exception):
    """One sentence for a person; ends the command with `exit_code`."""

    exit_code = ExitCode.FAILED


class UsageError(CommandError):
    """The arguments contradict each other or name nothing."""

    exit_code = ExitCode.USAGE


class SignInError(CommandError):
    """Nobody is signed in, or the sign-in was refused."""

    exit_code = ExitCode.NOT_ALLOWED


class NotAllowedError(SignInError):
    """The signed-in person may not do this."""


class ConflictError(CommandError):
    """What was named is in a state that does not allow this now."""


class NotFoundError(CommandError):
    """What was named is not there, or not visible to whoever asks."""

    exit_code = ExitCode.NOT_FOUND


class NotInTimeError(CommandError):
    """The work goes on, but the time to wait for it is over."""

    exit_code = ExitCode.TIMEOUT


class UnavailableError(CommandError):
    """The service cannot be reached, is too busy, or failed for a reason that may pass."""

    exit_code = ExitCode.UNAVAILABLE
