from __future__ import annotations

from pathlib import Path

import docqa
from evaluation.local.fingerprint import _reached, ingestion_key

LAYER = Path(docqa.__file__).parent


def test_a_changed_document_a_new_name_and_another_setting_are_another_ingestion(tmp_path: Path):
    (tmp_path / "a.txt").write_text("one")
    first = ingestion_key(tmp_path, "set")

    assert ingestion_key(tmp_path, "set") == first
    assert ingestion_key(tmp_path, "another") != first
    (tmp_path / "a.txt").rename(tmp_path / "b.txt")
    renamed = ingestion_key(tmp_path, "set")
    assert renamed != first
    (tmp_path / "b.txt").write_text("two")
    assert ingestion_key(tmp_path, "set") != renamed


def test_what_ingestion_imports_is_followed_and_answering_is_not():
    files = {file.relative_to(LAYER).as_posix() for file in _reached("docqa.services.ingestion")}

    assert {"services/ingestion/chunking.py", "domain/chunk_headers.py"} <= files
    assert not {"services/answering.py", "domain/confidence.py", "domain/fusion.py"} & files


def test_formats_that_are_imported_when_they_are_needed_are_followed_too():
    files = {file.relative_to(LAYER).as_posix() for file in _reached("docqa.adapters.formats.catalogue")}

    assert {"adapters/pdf.py", "adapters/formats/docx_body.py"} <= files
