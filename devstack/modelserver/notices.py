"""Messages that tell of results, with the faults that were asked for."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from devstack.modelserver.documents import NotAnnouncedError
from devstack.modelserver.faults import Control, NoticeBehaviour
from devstack.modelserver.job_line import JobLine

logger = logging.getLogger(__name__)
NOTICES_COUNTED = ("notifications", "duplicate_notifications", "lost_notifications", "late_notifications")
Kind = TypeVar("Kind", bound=NoticeBehaviour)


class Notices:
    """Sends each message once, twice, late or never.

    Args:
        control: How often each of these happens.
        line: Sends them.
    """

    def __init__(self, control: Control[Kind], line: JobLine) -> None:
        self._control = control
        self._line = line

    def send(self, publish: Callable[[], None], sent: Callable[[], object] = lambda: None) -> None:
        """Send a message.

        Args:
            publish: Does it; raises NotAnnouncedError when nobody took it.
            sent: Done after the last time.
        """
        behaviour = self._control.behaviour
        if self._control.happens(behaviour.lost_notifications, "lost_notifications"):
            sent()
            return
        times = 1 + self._control.happens(behaviour.duplicate_notifications, "duplicate_notifications")
        late = self._control.happens(behaviour.late_notifications, "late_notifications")

        def deliver() -> None:
            for _ in range(times):
                self._publish(publish)
            sent()

        self._line.submit(deliver, behaviour.late_seconds if late else 0.0)

    def _publish(self, publish: Callable[[], None]) -> None:
        try:
            publish()
            self._control.count("notifications")
        except NotAnnouncedError:
            logger.exception("something is done, but nobody could be told")
