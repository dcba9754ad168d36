"""Pages and contracts that are generated from the code, so that they cannot say something else than it does.

`python -m tools.docs write` writes them, `check` fails if a committed one is stale.
To add one: write a function that returns {path from the root: text} and name it in GENERATORS.
"""

import sys
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# "module:function", in the order of writing
GENERATORS: tuple[str, ...] = (
    "tools.contracts:pages",
    "tools.configuration:pages",
    "tools.pictures:pages",
    "models.pages:pages",
    "benchmarks.load.published:pages",
    "benchmarks.cost:pages",
    "evaluation.published:pages",  # after the costs: it takes the README as they leave it
    "benchmarks.ingest.published:pages",  # and this one as the figures of answers leave it
)


def generated() -> dict[Path, str]:
    """Every generated file with the text that it should have now."""
    pages: dict[Path, str] = {}
    for generator in GENERATORS:
        module, _, function = generator.partition(":")
        written: dict[str, str] = getattr(import_module(module), function)()
        pages |= {ROOT / path: text.rstrip("\n") + "\n" for path, text in written.items()}
    return pages


def stale() -> list[Path]:
    """The generated files that differ from what is committed, or are missing."""
    return [path for path, text in generated().items() if not path.exists() or path.read_text() != text]


def main(command: str) -> int:
    """Write all of them, or say which are stale (1 if any)."""
    if command == "write":
        for path, text in generated().items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return 0
    found = stale()
    for path in found:
        print(f"{path.relative_to(ROOT)} is stale: run `make docs`.", file=sys.stderr)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
