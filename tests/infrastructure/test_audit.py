"""An audit that could not ask anybody is no audit."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOBODY = "http://127.0.0.1:9"  # the discard port: every request through this proxy is refused


def test_an_audit_without_an_answer_fails() -> None:
    """Promise 56: a skipped audit fails."""
    # given an installed auditor that reaches no package index
    subprocess.run(["make", ".tools/audit/.installed"], cwd=ROOT, check=True, capture_output=True)
    unreachable = dict.fromkeys(("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY"), NOBODY)
    environment = {**os.environ, **unreachable, "NO_PROXY": "", "no_proxy": ""}
    # when the locks are audited
    done = subprocess.run(
        ["make", "--no-print-directory", "audit"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    # then it fails at the first lock, and says so
    assert done.returncode != 0
    assert done.stdout.startswith("auditing requirements/")
    assert done.stdout.count("auditing") == 1
