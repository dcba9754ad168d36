"""Which indexes there are, for those who write them."""

from __future__ import annotations

from docqa.errors import ConfigurationError
from docqa.models.search_index import IndexConfiguration
from docqa.ports.documents import DocumentRegistry


def index_configuration(registry: DocumentRegistry) -> IndexConfiguration:
    """The configuration item, read anew: an index that was noted a moment ago is to be written already.

    Raises:
        ConfigurationError: no index was prepared yet.
    """
    configuration = registry.index_configuration()
    if configuration is None:
        raise ConfigurationError("no index is prepared: deploy the stack again")
    return configuration
