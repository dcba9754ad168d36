"""From how many records on other routes are worth their wait, where nobody says otherwise: by where the model is.

Measured, and rounded (docs/load.md); a test holds them to the published figures.
"""

from __future__ import annotations

from dataclasses import dataclass

from docqa.domain.routing import Boundaries


@dataclass(frozen=True, slots=True)
class Sizes:
    """Of one piece of work, as in `Boundaries`.

    Attributes:
        realtime_records: Most records that share the endpoint which people wait for.
        batch_records: From so many on, it is a batch by itself.
    """

    realtime_records: int
    batch_records: int

    def boundaries(self, realtime: int | None, batch: int | None, waiting: int) -> Boundaries:
        """The boundaries of a deployment.

        Args:
            realtime: What its settings say instead; None: nothing.
            batch: The same.
            waiting: From so many waiting pieces on, they are a batch together.
        """
        return Boundaries(
            self.realtime_records if realtime is None else realtime,
            self.batch_records if batch is None else batch,
            waiting,
        )


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured for one kind of record."""

    bedrock: Sizes
    own_endpoint: Sizes

    def at(self, provider: str) -> Sizes:
        """For a model of this provider: the value of EMBEDDING_PROVIDER or CHAT_PROVIDER."""
        return self.own_endpoint if provider == "sagemaker" else self.bedrock


# Real time ends on Bedrock with a minute of the quota that is shared with people's questions, on an own endpoint where
# a job costs less than hours of an instance that is busy 30 % of them. A document's owner waits for it, and a batch
# takes up to a day: so it has to be large to be one by itself.
PASSAGES = Measured(bedrock=Sizes(1_300, 20_000), own_endpoint=Sizes(2_000, 20_000))
# A batch of questions waits for no others, so that a job is the sooner and the cheaper where real time ends.
PROMPTS = Measured(bedrock=Sizes(2_700, 2_700), own_endpoint=Sizes(30, 30))
