"""How the processes of the one-machine cloud are started."""

from __future__ import annotations

from pathlib import Path

import pytest

from devstack import downloads, services
from devstack.settings import DevstackSettings


@pytest.mark.parametrize(("file", "given"), [("faults.json", ["--behaviour=faults.json"]), (None, [])])
def test_the_model_server_behaves_as_a_file_says(
    file: str | None, given: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "fetch_embedding_model", lambda *_: Path("model"))
    monkeypatch.delenv("DOCQA_MODELS_BEHAVIOUR", raising=False)
    if file is not None:
        monkeypatch.setenv("DOCQA_MODELS_BEHAVIOUR", file)

    command = services.models_launch(DevstackSettings()).command

    assert [argument for argument in command if argument.startswith("--behaviour")] == given
