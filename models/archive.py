"""The archive that SageMaker unpacks for a container: a model's files, and what the container lacks to serve them.

    python -m models.archive embedding --model FOLDER --out build/models/embedding.tar.gz
    python -m models.archive chat --container lmi --shared --model FOLDER --out build/models/chat.tar.gz

Containers with an archive have no network, so what a handler needs is inside. The same files make the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from models import matrix
from tools import locks

HERE = Path(__file__).parent
SHARED_CODE = HERE / "shared"
SETTINGS = "serving.properties"
# What the handlers read: a folder without it was made for something else.
NEEDED = {"embedding": ("model.onnx", "onnx/model.onnx"), "chat": ("*.gguf",)}

# Of nine. Weights hardly get smaller: the highest saves two hundredths of them and takes up to twice as long.
LEVEL = 1


class ArchiveError(Exception):
    """The folder makes no archive for this container; the message says what is missing."""


def files(task: str, container: str, model: Path, packages: Path | None, *, shared: bool) -> dict[str, Path]:
    """What goes into the archive, by its name there.

    Args:
        task: `embedding` or `chat`.
        container: As matrix.toml calls it.
        model: Folder with the model's files.
        packages: Folder with the Python packages of the handler.
        shared: For a multi-model endpoint, where LMI finds its settings in the archive.

    Raises:
        ArchiveError: the container does not do this, or the handler would not find its model.
    """
    refused = matrix.load().containers[container].refused
    if reason := refused.get(task) or (shared and refused.get(matrix.MULTIMODEL)):
        raise ArchiveError(str(reason))
    found = dict(_below(model))
    if container == "lmi" and shared:
        found[SETTINGS] = HERE / task / SETTINGS
    if container != "huggingface":
        return found
    if not any(path for pattern in NEEDED[task] for path in model.glob(pattern)):
        raise ArchiveError(f"The handler reads {' or '.join(NEEDED[task])}, and {model} has none.")
    code = dict(_below(packages)) if packages else {}
    code |= dict(_below(HERE / task / "code")) | dict(_below(SHARED_CODE))
    return found | {f"code/{name}": path for name, path in code.items()}


def write(contents: dict[str, Path], target: Path) -> None:
    """Write the archive; owners, times and the order of files do not matter to its bytes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as raw, gzip.GzipFile("", "wb", compresslevel=LEVEL, fileobj=raw, mtime=0) as packed:
        _write_tar(contents, packed)  # type: ignore[arg-type]  # a GzipFile reads and writes like any binary file


def _write_tar(contents: dict[str, Path], packed: BinaryIO) -> None:
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, path in sorted(contents.items()):
            member = tarfile.TarInfo(name)
            member.size = path.stat().st_size
            member.mode = 0o644
            with path.open("rb") as opened:
                archive.addfile(member, opened)


def _below(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and "__pycache__" not in name.parts and not any(part.startswith(".") for part in name.parts):
            yield name.as_posix(), path


def main() -> int:
    """Make one; 1 and a sentence when it cannot be done."""
    parser = argparse.ArgumentParser(prog="python -m models.archive", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("task", choices=["embedding", "chat"])
    parser.add_argument("--container", choices=["tei", "tgi", "lmi", "huggingface"], default="huggingface")
    parser.add_argument("--model", type=Path, required=True, help="folder with the model's files")
    parser.add_argument("--shared", action="store_true", help="for a multi-model endpoint")
    parser.add_argument("--out", type=Path, required=True, help="the archive, .tar.gz")
    asked = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory() as folder:
            packages = Path(folder)
            if asked.container == "huggingface":
                locks.install_for_container(HERE / asked.task / "requirements.txt", packages)
            write(files(asked.task, asked.container, asked.model, packages, shared=asked.shared), asked.out)
    except (ArchiveError, locks.LockError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{asked.out}: {asked.out.stat().st_size / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
