"""LangChain Core's `Embeddings` through jobs, for building an index offline at the price of batch inference."""

from __future__ import annotations

from langchain_core.embeddings import Embeddings

from docqa.adapters.waiting_jobs import WaitingJobs
from docqa.errors import ServiceUnavailableError
from docqa.models.inference import Vector


class JobEmbeddings(Embeddings):
    """Passages in one job, waited for; questions are left to the model's real-time embeddings.

        jobs = BedrockBatchJobs(bedrock, model, role, S3ObjectStore(s3, bucket), TitanV2(1024), fault_of_vector(1024))
        waiting = WaitingJobs(jobs, "offline/", lambda: uuid4().hex, time.sleep)
        embeddings = JobEmbeddings(waiting, TitanEmbeddings(runtime, model, 1024))

    Args:
        passages: The route for passages.
        questions: Embeds questions with the same model; its vectors are comparable, and it takes milliseconds.

    Attributes:
        embedded_tokens: Tokens that the service counted so far.
    """

    def __init__(self, passages: WaitingJobs[str, Vector], questions: Embeddings) -> None:
        self.embedded_tokens = 0
        self._passages = passages
        self._questions = questions

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """A vector for each passage, in order; returns after minutes or hours.

        Raises:
            ServiceUnavailableError: some passages have no vector.
        """
        vectors: list[list[float]] = []
        for result in self._passages.answers(texts):
            self.embedded_tokens += result.tokens
            if result.value is None:
                raise ServiceUnavailableError(f"passage {result.id} was not embedded: {result.error}")
            vectors.append(list(result.value))
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question, at once."""
        return self._questions.embed_query(text)
