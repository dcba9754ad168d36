"""What a chunk knows about its document when it is embedded.

Measured on 129 questions over 74 reports: the title in front of each embedded chunk is worth more than any ranking
formula (docs/decisions tells the figures).
"""

from __future__ import annotations

from docqa.models.chunk import Chunk


def embedded_text(title: str, chunk: Chunk) -> str:
    """The text whose vector stands for the chunk: title, headings, column names, then the chunk."""
    above = "\n".join(part for part in (title, " > ".join(chunk.headings)) if part)
    text = f"{chunk.header}\n{chunk.text}" if chunk.header else chunk.text
    return f"{above}\n\n{text}" if above else text
