"""How the time of a question is spent: a call is begun only if it can end, with its retry, before the deadline."""

from __future__ import annotations

from docqa.models.question import Mode

# The longest that a search, or a call to a table or a queue, can take (bootstrap/clients.py sets their timeouts).
CALL_SECONDS = 10.0
# The longest that embedding a question can take.
EMBEDDING_SECONDS = 16.0
# The longest that embedding a few sentences can take, to order them.
ORDERING_SECONDS = 4.0
# The longest that a reranking model can take.
RERANKING_SECONDS = 4.0
# Less than this is not worth beginning a generation with: the worker has more time, or the evidence is quoted.
GENERATION_SECONDS = 4.0
# What is left for recording the answer and sending it off, when the chat model takes all the time there is.
RECORDING_SECONDS = 1.0
# After the deadline of the one who works on a question, another may take it over.
LEASE_MARGIN_SECONDS = 5.0
# A question of which nothing was heard for this long has got lost: three receives of its queue take a third of it (of
# the researcher's queue half), the rest is for a backlog.
QUIET_SECONDS = 3_600.0
RESEARCH_QUIET_SECONDS = 3 * 3_600.0


def quiet_seconds(mode: Mode) -> float:
    """How long nothing may be heard of a question that waits for a worker."""
    return RESEARCH_QUIET_SECONDS if mode is Mode.RESEARCH else QUIET_SECONDS
