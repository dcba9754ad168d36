"""Where a document's intermediate results lie in the work bucket."""

from __future__ import annotations

from docqa.models.document import DocumentReference
from docqa.models.work import ChunkSpan, OcrFeatures, PageSpan


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
    def file(self) -> str:
        """A copy of the document itself, kept where the documents bucket will forget it though it answers."""
        return f"{self.prefix}file"

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

    def given_up(self, features: OcrFeatures, part: int) -> str:
        """JSON: why this generation goes on without that part of its extraction."""
        return f"{self.prefix}given_up/{features}-{part:03d}.json"

    def chunks(self, span: ChunkSpan) -> str:
        """Chunks of a span."""
        return f"{self.prefix}chunks/{span.first:06d}-{span.last:06d}.jsonl"


class ExtractionArtifacts:
    """Keys below an extraction's prefix. Each part is what one job is given, and what came back."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def parts(self, features: OcrFeatures) -> str:
        """JSON list of lists: the document's page numbers that each part of a round holds."""
        return f"{self.prefix}{features}/parts.json"

    def input(self, features: OcrFeatures, part: int) -> str:
        """The document that is sent: just the pages that need it."""
        return f"{self.prefix}{features}/{part:03d}/input"

    def pages(self, features: OcrFeatures, part: int, span: PageSpan) -> str:
        """Extracted pages under the document's numbers; the span counts the pages of the part."""
        return f"{self.prefix}{features}/{part:03d}/pages/{span.first:06d}-{span.last:06d}.jsonl"

    def progress(self, features: OcrFeatures, part: int) -> str:
        """JSON: how many pages are saved, and where in the result the next one begins."""
        return f"{self.prefix}{features}/{part:03d}/progress.json"

    def done(self, features: OcrFeatures, part: int) -> str:
        """JSON: pages on which tables were seen; its presence means that every page of the part is saved."""
        return f"{self.prefix}{features}/{part:03d}/done.json"
