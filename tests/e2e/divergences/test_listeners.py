"""What the one-machine cloud listens on."""

from __future__ import annotations

import psutil
import pytest

from tests.e2e.divergences.conftest import Emulator

pytestmark = pytest.mark.e2e


def test_the_emulator_listens_on_this_machine_only(emulator: Emulator) -> None:
    port = int(emulator.url.rsplit(":", 1)[1])
    (process,) = {one.pid for one in psutil.net_connections("tcp") if one.status == "LISTEN" and one.laddr.port == port}
    addresses = {one.laddr.ip for one in psutil.net_connections("tcp") if one.status == "LISTEN" and one.pid == process}
    assert addresses == {"127.0.0.1"}
