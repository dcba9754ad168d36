"""Lock files: made, kept fresh, and tried for the deployed runtime.

Every `X.in` has a hash lock `X.txt` beside it: requirements/*.in for environments on a developer's machine,
layers/<name>/requirements.in for the packages of a layer, models/<name>/requirements.in for what a model's archive adds
to its container.
`python -m tools.locks` has three commands:

    make    resolve every lock again (`--upgrade` raises versions, otherwise pins that still fit stay)
    check   fail if a lock is older than its .in, lacks hashes, names an address, or disagrees with the runtime lock
    deploy  install every layer's lock as Lambda will have it (Python 3.13, arm64, wheels only), and weigh it;
            find every package of a model's archive for its container
"""

import argparse
import hashlib
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "requirements"
RUNTIME = REQUIREMENTS / "runtime.txt"
DEV = REQUIREMENTS / "dev.txt"
BUDGETS = ROOT / "tests" / "infrastructure" / "import_budgets.toml"

LOWEST_PYTHON = "3.11"
DEPLOYED_PYTHON = "3.13"
# Lambda's Amazon Linux 2023 has glibc 2.34; wheels are made for 2.28 these days.
DEPLOYED_PLATFORM = "aarch64-manylinux_2_28"
# The Hugging Face container that models/template.yaml names (py312, ubuntu22.04, x86_64).
CONTAINER_PYTHON = "3.12"
CONTAINER_PLATFORM = "x86_64-manylinux_2_28"

HEADER = "# Made by `make lock` from {source}; its content then: sha256 {digest}\n"
PIN = re.compile(r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(\[[^]]*])?==(?P<version>[^\s;\\]+)")
ADDRESS = re.compile(r"://|^\s*(--?(index|extra-index|find-links|trusted-host|i|f)\b)", re.MULTILINE)


class LockError(Exception):
    """A lock is stale, open or does not resolve; the message says which and what to do."""


def sources() -> list[Path]:
    """Every .in file, in the order in which their locks constrain each other."""
    shared = sorted(REQUIREMENTS.glob("*.in"), key=lambda path: (path.stem not in {"dev", "runtime"}, path.stem))
    shared = [path for path in shared if path.name != "devstack.in"]  # a part of dev.in, without a lock of its own
    return [*shared, *layer_sources(), *handler_sources()]


def layer_sources() -> list[Path]:
    """The .in file of every layer of third-party packages."""
    return sorted((ROOT / "layers").glob("*/requirements.in"))


def handler_sources() -> list[Path]:
    """The .in file of every model whose archive brings packages; what else they need is in the container."""
    return sorted((ROOT / "models").glob("*/requirements.in"))


def lock_of(source: Path) -> Path:
    """The lock that belongs to a .in file."""
    return source.with_suffix(".txt")


def digest(source: Path) -> str:
    """A hash over the requirements of a .in file and of those it includes; comments do not count."""
    return hashlib.sha256("\n".join(requirements(source)).encode()).hexdigest()[:16]


def requirements(source: Path) -> Iterator[str]:
    """What a .in file and those that it includes ask for, without comments."""
    for line in source.read_text().splitlines():
        requirement = line.split("#", 1)[0].strip()
        if requirement.startswith("-r "):
            yield from requirements(source.parent / requirement.removeprefix("-r ").strip())
        elif requirement:
            yield requirement


def pins(lock: Path) -> dict[str, set[str]]:
    """Normalised distribution name to the versions that the lock allows (several only for different markers)."""
    found: dict[str, set[str]] = {}
    for line in lock.read_text().splitlines():
        if match := PIN.match(line):
            found.setdefault(normalised(match["name"]), set()).add(match["version"])
    return found


def normalised(name: str) -> str:
    """A distribution's name as the packaging standard compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def problems(source: Path) -> Iterator[str]:
    """What is wrong with the lock of one .in file, as sentences."""
    lock, shown = lock_of(source), lock_of(source).relative_to(ROOT)
    if not lock.exists():
        yield f"{shown} is missing: run `make lock`."
        return
    text = lock.read_text()
    if HEADER.format(source=source.name, digest=digest(source)) not in text:
        yield f"{shown} is older than {source.name}: run `make lock`."
    if ADDRESS.search(text):
        yield f"{shown} names an address or an index: run `make lock`."
    for name in _without_hash(text):
        yield f"{shown} has no hash for {name}: run `make lock`."
    if wider := _wider(source):
        allowed = pins(wider)
        for name, versions in pins(lock).items():
            if not versions <= allowed.get(name, set()):
                other = wider.relative_to(ROOT)
                yield f"{shown} has {name} {', '.join(versions)}, unlike {other}: run `make lock`."


def _without_hash(text: str) -> Iterator[str]:
    entries = re.split(r"\n(?=\S)", text)
    for entry in entries:
        if (match := PIN.match(entry)) and "--hash=sha256:" not in entry:
            yield match["name"]


def make(*, upgrade: bool) -> None:
    """Resolve every lock; versions agree because the wider locks constrain the narrower ones."""
    for source in sources():
        lock = lock_of(source)
        print(f"locking {lock.relative_to(ROOT)}", flush=True)
        options = ["--universal", "--python-version", LOWEST_PYTHON, "--generate-hashes", "--no-header"]
        options += ["--no-emit-index-url", "--no-emit-find-links", "--quiet"]
        options += _constraints(source)
        if upgrade:
            options.append("--upgrade")
        if source.stem == "models" or source in handler_sources():
            options.append("--no-deps")
        _uv("compile", str(source.relative_to(ROOT)), "--output-file", str(lock.relative_to(ROOT)), *options)
        header = HEADER.format(source=source.name, digest=digest(source))
        lock.write_text(header + "".join(_without_header(lock.read_text())))


def _constraints(source: Path) -> list[str]:
    wider = DEV if source.stem == "runtime" else _wider(source)
    return ["--constraint", str(wider.relative_to(ROOT))] if wider else []


def _wider(source: Path) -> Path | None:
    """The lock that has the same versions of everything in this one: what is deployed is what is tested."""
    if source in layer_sources():
        return RUNTIME
    return DEV if source in handler_sources() else None


def _without_header(text: str) -> Iterator[str]:
    return (line for line in text.splitlines(keepends=True) if not line.startswith("# Made by"))


def check() -> None:
    """Raise with every problem that any lock has; needs no network."""
    found = [problem for source in sources() for problem in problems(source)]
    if found:
        raise LockError("\n".join(found))


def deploy() -> None:
    """Install each layer's packages as Lambda will have them, into a scratch folder, and print what they weigh.

    Raises:
        LockError: a package has no wheel for the deployed runtime and architecture, a hash does not fit,
            or the packages of a layer weigh more than its budget.
    """
    failed = []
    budgets = layer_budgets()
    for lock in map(lock_of, layer_sources()):
        name = lock.parent.name
        try:
            weight = _deployed_megabytes(lock)
        except LockError as error:
            failed.append(str(error))
            continue
        print(f"  {name}: {weight:.0f} of {budgets[name]} MB")
        if weight > budgets[name]:
            failed.append(
                f"{name}: its packages weigh {weight:.0f} MB, its budget ({BUDGETS.name}) is {budgets[name]} MB."
            )
    for lock in map(lock_of, handler_sources()):
        with tempfile.TemporaryDirectory() as target:
            try:
                install_for_container(lock, Path(target))
            except LockError as error:
                failed.append(f"{lock.parent.name}: no package for Python {CONTAINER_PYTHON}:\n{error}")
    if failed:
        raise LockError("\n".join(failed))


def _deployed_megabytes(lock: Path) -> float:
    options = ["--python-version", DEPLOYED_PYTHON, "--python-platform", DEPLOYED_PLATFORM]
    options += ["--only-binary", ":all:", "--require-hashes", "--quiet"]
    with tempfile.TemporaryDirectory() as target:
        try:
            _uv("install", "--target", target, "--requirement", str(lock.relative_to(ROOT)), *options)
        except LockError as error:
            missing = f"{lock.parent.name}: no package for Python {DEPLOYED_PYTHON} on {DEPLOYED_PLATFORM}"
            raise LockError(f"{missing}:\n{error}") from error
        return sum(path.stat().st_size for path in Path(target).rglob("*") if path.is_file()) / 1e6


def install_for_container(lock: Path, target: Path) -> None:
    """Put the packages of a model's archive into a folder, for the container that it will run in.

    Raises:
        LockError: there is no wheel, or a hash does not fit.
    """
    options = ["--python-version", CONTAINER_PYTHON, "--python-platform", CONTAINER_PLATFORM, "--no-deps"]
    options += ["--only-binary", ":all:", "--require-hashes", "--quiet"]
    _uv("install", "--target", str(target), "--requirement", str(lock), *options)


def layer_budgets() -> dict[str, int]:
    """How many megabytes (unzipped) the third-party packages of each layer may weigh."""
    return dict(tomllib.loads(BUDGETS.read_text())["layers"])


def _uv(command: str, *arguments: str) -> None:
    uv = Path(sys.executable).with_name("uv")
    done = subprocess.run([uv, "pip", command, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LockError(done.stderr.strip())


def main() -> int:
    """Run one of the three commands; 1 and a sentence when it fails."""
    parser = argparse.ArgumentParser(prog="python -m tools.locks", description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=["make", "check", "deploy"])
    parser.add_argument("--upgrade", action="store_true", help="make: raise all versions as far as they go")
    arguments = parser.parse_args()
    try:
        match arguments.command:
            case "make":
                make(upgrade=arguments.upgrade)
            case "check":
                check()
            case "deploy":
                deploy()
    except LockError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
