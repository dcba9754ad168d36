"""A stack in AWS is looked up where the environment says that it is."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from cli.errors import SignInError
from cli.stack import aws_stack

REGION_VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> list[str | None]:
    """Regions in which a stack was looked for."""
    for name in REGION_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    regions: list[str | None] = []

    class Session:
        def __init__(self, region_name: str | None) -> None:
            regions.append(region_name)
            self.region_name = region_name

        def client(self, _: str) -> Any:
            from botocore.exceptions import NoRegionError

            raise NoRegionError

    monkeypatch.setattr("boto3.session", SimpleNamespace(Session=Session))
    return regions


@pytest.mark.parametrize(
    ("option", "variable", "region"),
    [
        ("eu-west-1", "us-east-1", "eu-west-1"),
        (None, "us-east-1", "us-east-1"),
        (None, None, None),  # then boto3 looks into AWS_DEFAULT_REGION and the profile
    ],
)
def test_the_option_comes_before_the_variable(
    asked: list[str | None],
    monkeypatch: pytest.MonkeyPatch,
    option: str | None,
    variable: str | None,
    region: str | None,
) -> None:
    if variable:
        monkeypatch.setenv("AWS_REGION", variable)

    with pytest.raises(SignInError, match="AWS_REGION"):
        aws_stack("docqa", option)

    assert asked == [region]
