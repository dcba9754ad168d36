"""Archives: the model's files, and for some containers what they lack."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from models import archive


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    (folder / "1_Pooling").mkdir(parents=True)
    (folder / ".cache").mkdir()
    for name in ("model.onnx", "tokenizer.json", "1_Pooling/config.json", ".cache/lock"):
        (folder / name).write_text(name)
    return folder


def test_a_container_that_runs_models_itself_gets_the_models_files_alone(model: Path) -> None:
    found = archive.files("embedding", "tei", model, None, shared=False)
    assert set(found) == {"model.onnx", "tokenizer.json", "1_Pooling/config.json"}


def test_the_toolkit_gets_the_handler_and_its_packages_beside_it(model: Path, tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    (packages / "onnxruntime" / "__pycache__").mkdir(parents=True)
    (packages / "onnxruntime" / "__init__.py").touch()
    (packages / "onnxruntime" / "__pycache__" / "x.pyc").touch()
    found = archive.files("embedding", "huggingface", model, packages, shared=False)
    assert {name for name in found if name.startswith("code/")} == {
        "code/inference.py",
        "code/request_bodies.py",
        "code/onnxruntime/__init__.py",
    }


def test_lmi_finds_its_settings_in_the_archive_where_it_is_shared(model: Path) -> None:
    assert "serving.properties" not in archive.files("embedding", "lmi", model, None, shared=False)
    assert "serving.properties" in archive.files("embedding", "lmi", model, None, shared=True)


@pytest.mark.parametrize(
    ("task", "container", "shared", "sentence"),
    [
        ("chat", "tei", False, "TEI makes embeddings only"),
        ("embedding", "tgi", False, "TGI writes text only"),
        ("embedding", "tei", True, "Behind a multi-model endpoint"),
        ("chat", "huggingface", False, "reads \\*.gguf"),
    ],
)
def test_what_could_not_be_served_is_not_packed(
    model: Path, task: str, container: str, shared: bool, sentence: str
) -> None:
    with pytest.raises(archive.ArchiveError, match=sentence):
        archive.files(task, container, model, None, shared=shared)


def test_the_same_files_make_the_same_bytes(model: Path, tmp_path: Path) -> None:
    contents = archive.files("embedding", "huggingface", model, None, shared=False)
    archive.write(contents, tmp_path / "one" / "model.tar.gz")
    (model / "model.onnx").touch()  # another time
    archive.write(dict(reversed(contents.items())), tmp_path / "other.tar.gz")

    assert (tmp_path / "one" / "model.tar.gz").read_bytes() == (tmp_path / "other.tar.gz").read_bytes()
    with tarfile.open(tmp_path / "other.tar.gz") as packed:
        assert sorted(packed.getnames()) == sorted(contents)
        opened = packed.extractfile("1_Pooling/config.json")
        assert opened is not None
        assert opened.read() == b"1_Pooling/config.json"
