"""Typed settings, one class a function, read from the environment once at cold start."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from docqa.errors import ConfigurationError


class Settings(BaseModel):
    """Base of every function's settings: a field `work_bucket` is the environment variable `WORK_BUCKET`."""

    model_config = ConfigDict(frozen=True, extra="forbid")


SettingsT = TypeVar("SettingsT", bound=Settings)


def load_settings(settings: type[SettingsT], environment: Mapping[str, str] = os.environ) -> SettingsT:
    """The settings of a function from its environment. An empty variable counts as absent.

    Raises:
        ConfigurationError: names every variable that is missing or wrong.
    """
    values = {name: environment[name.upper()] for name in settings.model_fields if environment.get(name.upper())}
    try:
        return settings.model_validate(values)
    except ValidationError as error:
        problems = "; ".join(f"{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise ConfigurationError(f"{settings.__name__} cannot be read from the environment: {problems}") from error
