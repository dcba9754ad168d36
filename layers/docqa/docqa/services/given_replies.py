"""What a chat model answered elsewhere, before anybody asked it here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from docqa.models.inference import Reply


@dataclass(frozen=True, slots=True)
class GivenReplies:
    """Replies of a job to the prompts of one question.

    Attributes:
        by_sample: By which of the prompts it was.
        discounted: By batch inference, which costs less.
        is_all: Nothing else may be asked, whatever is missing or does not hold.
    """

    by_sample: Mapping[int, Reply] = field(default_factory=dict)
    discounted: bool = False
    is_all: bool = False

    def discounted_tokens(self, samples: int) -> tuple[int, int]:
        """Tokens read and written at the lower price, of so many samples."""
        used = [reply for sample, reply in self.by_sample.items() if sample < samples] if self.discounted else []
        return sum(one.input_tokens for one in used), sum(one.output_tokens for one in used)


NO_REPLIES = GivenReplies()
