"""What a chunk knows about its document when it is embedded.

Measured on 129 questions over 74 reports: the title in front of each embedded chunk is worth more than any ranking
formula (docs/decisions tells the figures).
"""

from __future__ import annotations

from docqa.models.chunk import Chunk


def embedded_text(title: str, chunk: Chunk) -> str:
    """The text whose vector stands for the chunk: title, headings, column names, then the chunk."""
    return above_text(title, chunk, chunk.text)


def above_text(title: str, chunk: Chunk, text: str) -> str:
    """Title, headings and column names above the chunk's text, or what is shown of it."""
    above = "\n".join(part for part in (title, " > ".join(chunk.headings)) if part)
    under = f"{chunk.header}\n{text}" if chunk.header else text
    return f"{above}\n\n{under}" if above else under
