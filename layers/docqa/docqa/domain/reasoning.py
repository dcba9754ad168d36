"""Take a model's thinking aloud away: only its answer is verified, and shown."""

from __future__ import annotations

import re

_TAGS = "think|thinking|thought|thoughts|reasoning|reflection|scratchpad|analysis"
_BLOCK = re.compile(rf"<({_TAGS})\b[^>]*>.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
# Some chat templates open the block themselves, so that only its end is written.
_END_OF_BLOCK = re.compile(rf"</(?:{_TAGS})\s*>", re.IGNORECASE)
_THINKING = re.compile(
    r"\A[\s*_#]*(?:(?:reasoning|thoughts?|thinking|thought process|analysis|explanation|step 1)[\s*_]*:|"
    r"let(?:'|\u2019)?s think\b|let me think\b)",
    re.IGNORECASE,
)
_ANSWER = re.compile(r"^[ \t*_#]*(?:(?:final|short) )?answer[ \t*_]*:[ \t*_]*", re.IGNORECASE | re.MULTILINE)


def without_reasoning(text: str) -> str:
    """What is left of a model's text without its reasoning.

    Blocks such as `<think>...</think>` go, an unfinished one with all that follows. A text that begins with its
    reasoning in plain words counts from the last "Answer:" on; without one it holds no answer.
    """
    said = _BLOCK.sub("", text)
    ends = list(_END_OF_BLOCK.finditer(said))
    if ends:
        said = said[ends[-1].end() :]
    answers = list(_ANSWER.finditer(said))
    if answers:
        return said[answers[-1].end() :].strip()
    return "" if _THINKING.match(said) else said.strip()
