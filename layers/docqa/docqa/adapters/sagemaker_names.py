"""How a real-time model on SageMaker is named: its endpoint, or one of the several behind a multi-model endpoint."""

from __future__ import annotations

from dataclasses import dataclass

from docqa.errors import ConfigurationError

# No endpoint's name has one.
_SEPARATOR = "/"


@dataclass(frozen=True, slots=True)
class EndpointModel:
    """A model as InvokeEndpoint wants it named.

    One name for both, so that two models behind one endpoint are two models wherever vectors are kept by their model's
    name, and a change from one to the other embeds everything anew.

    Attributes:
        endpoint: Name of the endpoint.
        target: Which archive below the prefix of a multi-model endpoint; empty: it has one model.
    """

    endpoint: str
    target: str

    @classmethod
    def of(cls, name: str) -> EndpointModel:
        """Of `endpoint`, or of `endpoint/archive.tar.gz`.

        Raises:
            ConfigurationError: the endpoint or its archive is not named.
        """
        endpoint, several, target = name.partition(_SEPARATOR)
        if not endpoint or (several and not target):
            raise ConfigurationError(f"{name!r} names no model: write ENDPOINT, or ENDPOINT/ARCHIVE.tar.gz")
        return cls(endpoint, target)

    @property
    def members(self) -> dict[str, str]:
        """Of an InvokeEndpoint request."""
        return {"EndpointName": self.endpoint} | ({"TargetModel": self.target} if self.target else {})
