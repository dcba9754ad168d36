"""Settings are read once, typed, and complain by name."""

import pytest

from docqa.config import Settings, load_settings
from docqa.errors import ConfigurationError


class Example(Settings):
    work_bucket: str
    max_pages: int = 3_000


def test_fields_come_from_variables_of_the_same_name() -> None:
    settings = load_settings(Example, {"WORK_BUCKET": "work", "MAX_PAGES": "7", "PATH": "/bin"})
    assert (settings.work_bucket, settings.max_pages) == ("work", 7)


def test_an_empty_variable_counts_as_absent() -> None:
    assert load_settings(Example, {"WORK_BUCKET": "work", "MAX_PAGES": ""}).max_pages == 3_000


def test_every_wrong_variable_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"WORK_BUCKET.*MAX_PAGES|MAX_PAGES.*WORK_BUCKET"):
        load_settings(Example, {"MAX_PAGES": "many"})
