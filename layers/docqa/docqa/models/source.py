"""What inspection found out about a generation, kept in the work bucket for the steps that follow."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Source(BaseModel):
    """The file behind a generation.

    Attributes:
        content_hash: SHA-256 of the bytes (hex).
        pages: How many pages it has.
        title: What the document is called; part of what is embedded.
        extraction_hash: Of the settings that decide which pages are extracted, and how.
        texts_hash: Of the settings that decide what is embedded, by whatever model. Empty in sources of releases that
            knew one model only.
        embedding_hash: What those had: of these settings and the model.
        whole: Its pages were read in one go.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    media_type: str
    content_hash: str
    pages: int = Field(ge=1)
    title: str
    extraction_hash: str
    texts_hash: str = ""
    embedding_hash: str = ""
    whole: bool = False
