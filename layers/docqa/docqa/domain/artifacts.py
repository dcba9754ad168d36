"""Where a document's intermediate results lie in the work bucket."""

from __future__ import annotations

from docqa.models.document import DocumentReference
from docqa.models.work import ChunkSpan, PageSpan


def generation_prefix(tenant: str, document_id: str, generation: int) -> str:
    """Everything that belongs to one generation alone."""
    return f"{tenant}/documents/{document_id}/{generation}/"


def owner(reference: DocumentReference) -> str:
    """The generation as an owner of shared artefacts."""
    return f"{reference.document_id}:{reference.generation}"


def extraction_prefix(tenant: str, content_hash: str, settings_hash: str) -> str:
    """What was sent to text extraction and what came back, shared by equal files of one tenant."""
    return f"{tenant}/extractions/{content_hash}-{settings_hash}/"


def embedding_prefix(tenant: str, content_hash: str, settings_hash: str) -> str:
    """Vectors of a file's chunks, shared by equal files of one tenant."""
    return f"{tenant}/embeddings/{content_hash}-{settings_hash}/"


class GenerationArtifacts:
    """Keys of one generation's own artefacts."""

    def __init__(self, reference: DocumentReference) -> None:
        self.prefix = generation_prefix(reference.tenant, reference.document_id, reference.generation)

    @property
    def source(self) -> str:
        """What inspection found."""
        return f"{self.prefix}source.json"

    def pages_read(self, span: PageSpan) -> str:
        """Pages of a span as they were read, before extraction."""
        return f"{self.prefix}pages/{span.first:06d}-{span.last:06d}.jsonl"

    @property
    def pages(self) -> str:
        """Every page in order, as it is quoted."""
        return f"{self.prefix}pages.jsonl"

    def chunks(self, span: ChunkSpan) -> str:
        """Chunks of a span."""
        return f"{self.prefix}chunks/{span.first:06d}-{span.last:06d}.jsonl"


class ExtractionArtifacts:
    """Keys below an extraction's prefix."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    @property
    def input(self) -> str:
        """The document that is sent: just the pages that need it."""
        return f"{self.prefix}input.pdf"

    @property
    def page_numbers(self) -> str:
        """JSON list: the document's page number for each page that was sent."""
        return f"{self.prefix}page_numbers.json"

    @property
    def pages(self) -> str:
        """The extracted pages under the document's numbers; its presence means that the extraction is done."""
        return f"{self.prefix}pages.jsonl"
