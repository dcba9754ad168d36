"""Let a chat model write the answer, and keep only what the passages bear out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as OutOfTimeError
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TypeAlias

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import Runnable

from docqa.domain.agreement import most_agreed
from docqa.domain.prompt_passages import as_data, render_passages, without_elements
from docqa.domain.reasoning import without_reasoning
from docqa.domain.verification import judged_sentences
from docqa.errors import CircuitOpenError, RetryableError, ServiceUnavailableError
from docqa.models.chunk import ScoredChunk
from docqa.models.inference import Prompt, Reply
from docqa.ports.clock import Clock
from docqa.services.drafts import Draft, Written
from docqa.services.given_replies import NO_REPLIES, GivenReplies
from docqa.services.stopwatch import Stopwatch
from docqa.services.time_limits import GENERATION_SECONDS

# Before a model that refused is asked once more, on average: drawn evenly up to twice as much, so that questions that
# were refused together do not come back together.
PAUSE_SECONDS = 1.0
PROMPT = "answer-2"
NO_ANSWER = "NO ANSWER"
# Samples that are to differ are drawn at this temperature, where "self-consistency" (Wang et al. 2023) was measured.
SAMPLE_TEMPERATURE = 0.7
OWN_LANGUAGE = "Answer in the language of the question."
Paid: TypeAlias = Callable[[int, int], None]
"""Is told of tokens read and written."""


def _for_nothing(_: int, __: int) -> None:
    """Nobody wants to know."""


class Generator:
    """One chat model with its prompt, asked one question at a time.

    Args:
        model: LangChain Core's interface; it bounds how long a call can take.
        name: Id of the model.
        clock: The time.
        sleep: Waits so many seconds.
        samples: Answers to one prompt; of several, the one whose claims the others bear out is taken.
        chance: Draws evenly between 0 and 1.
    """

    def __init__(
        self,
        model: BaseChatModel,
        name: str,
        clock: Clock,
        sleep: Callable[[float], None],
        samples: int = 1,
        chance: Callable[[], float] = lambda: 0.5,
    ) -> None:
        self.name = name
        self._clock = clock
        self._sleep = sleep
        self._samples = samples
        self._chance = chance
        self._chain = prompt() | model
        self._sampling = prompt() | model.bind(temperature=SAMPLE_TEMPERATURE)
        self._pool = ThreadPoolExecutor(1)
        self._call: Future[BaseMessage] | None = None

    def write(
        self,
        question: str,
        language: str | None,
        attempts: Sequence[Sequence[ScoredChunk]],
        deadline: float,
        stopwatch: Stopwatch,
        paid: Paid = _for_nothing,
        given: GivenReplies = NO_REPLIES,
    ) -> Draft:
        """A verified draft. Each attempt is a list of passages; the next one is made when nothing of the last held.

        Args:
            question: What is asked.
            language: ISO 639-1 code of the answer; None: the question's own.
            attempts: Passages of each prompt.
            deadline: Seconds since the epoch; nobody waits for the model any longer.
            stopwatch: Of the question.
            paid: Told of every call that ends, also after nobody waits for it any more; from another thread.
            given: Replies to the prompts of the first attempt, as far as they are there already.

        Raises:
            ThrottledError, ServiceUnavailableError: the model cannot answer before `deadline`.
        """
        draft = Draft((), ())
        for attempt, passages in enumerate(attempts):
            if attempt and (given.is_all or deadline - self._clock.now() < GENERATION_SECONDS):
                break
            try:
                with stopwatch.stage("generate"):
                    replies = given if attempt == 0 else NO_REPLIES
                    messages = self._messages(question, language, passages, deadline, paid, replies)
            except RetryableError:
                if attempt == 0:
                    raise
                break
            with stopwatch.stage("verify"):
                drafts = [_verified(message, question, passages) for message in messages]
                draft = _counted(_voted(drafts), drafts, messages, draft)
            if draft.claims or draft.declined:
                break
        return replace(draft, discounted_tokens=given.discounted_tokens(self._samples))

    def prompts(
        self, question: str, language: str | None, passages: Sequence[ScoredChunk], max_tokens: int
    ) -> list[Prompt]:
        """What an attempt asks the model, one prompt a sample: what it answers elsewhere can be given to `write`."""
        values = _values(question, language, passages)
        roles = [role for _, role in _PARTS]
        said = [message.text for message in prompt().format_messages(**values)]
        texts = tuple(zip(roles, said, strict=True))
        return [Prompt(texts, max_tokens, SAMPLE_TEMPERATURE if sample else 0.0) for sample in range(self._samples)]

    def _messages(
        self,
        question: str,
        language: str | None,
        passages: Sequence[ScoredChunk],
        deadline: float,
        paid: Paid,
        given: GivenReplies,
    ) -> list[BaseMessage]:
        """The model's answer, and as many samples beside it as are wanted and there is time for."""
        values = _values(question, language, passages)
        replies = given.by_sample
        messages = [_message(replies[0]) if 0 in replies else self._ask(values, deadline, paid)]
        for sample in range(1, self._samples):
            if sample in replies:
                messages.append(_message(replies[sample]))
            elif not given.is_all and deadline - self._clock.now() >= GENERATION_SECONDS:
                try:
                    messages.append(self._invoke(self._sampling, values, deadline, paid))
                except RetryableError:
                    break
        return messages

    def _ask(self, values: dict[str, str], deadline: float, paid: Paid) -> BaseMessage:
        if self._call is not None and not self._call.done():
            # One abandoned call may cost money for nothing; a second one beside it must not.
            raise ServiceUnavailableError(f"{self.name} is still busy with a call that nobody waits for any more")
        try:
            return self._invoke(self._chain, values, deadline, paid)
        except CircuitOpenError:
            raise
        except RetryableError:
            if deadline - self._clock.now() < 2 * PAUSE_SECONDS + GENERATION_SECONDS:
                raise
        self._sleep(2 * PAUSE_SECONDS * self._chance())
        return self._invoke(self._chain, values, deadline, paid)

    def _invoke(
        self, chain: Runnable[dict[str, str], BaseMessage], values: dict[str, str], deadline: float, paid: Paid
    ) -> BaseMessage:
        """One call. It cannot be taken back, but nobody waits for it longer than until the deadline."""
        self._call = self._pool.submit(_called, chain, values, paid)
        try:
            return self._call.result(max(deadline - self._clock.now(), 0.0))
        except OutOfTimeError as error:
            raise ServiceUnavailableError(f"{self.name} did not answer in time") from error


def _called(chain: Runnable[dict[str, str], BaseMessage], values: dict[str, str], paid: Paid) -> BaseMessage:
    message = chain.invoke(values)
    paid(*_tokens(message))
    return message


def _tokens(message: BaseMessage) -> tuple[int, int]:
    """Tokens read and written, as the service counted them."""
    usage = getattr(message, "usage_metadata", None) or {}
    return usage.get("input_tokens", 0), usage.get("output_tokens", 0)


_PARTS = (("system", "system"), ("human", "user"))


@cache
def prompt() -> ChatPromptTemplate:
    """The prompt that is in use. A changed one is a new file with the next number."""
    folder = files("docqa.services").joinpath("prompts")
    parts = [(role, folder.joinpath(f"{PROMPT}.{part}.txt").read_text("utf-8").strip()) for role, part in _PARTS]
    return ChatPromptTemplate.from_messages(parts)


def _values(question: str, language: str | None, passages: Sequence[ScoredChunk]) -> dict[str, str]:
    return {
        "passages": render_passages(passages),
        "question": as_data(question),
        "language": f"Answer in the language {language} (ISO 639-1)." if language else OWN_LANGUAGE,
    }


def _message(reply: Reply) -> BaseMessage:
    usage = UsageMetadata(
        input_tokens=reply.input_tokens,
        output_tokens=reply.output_tokens,
        total_tokens=reply.input_tokens + reply.output_tokens,
    )
    return AIMessage(reply.text, usage_metadata=usage)


def says_no_answer(text: str) -> bool:
    """Whether a model says that the passages do not hold the answer."""
    return text.strip().strip(".").upper().startswith(NO_ANSWER)


def _verified(message: BaseMessage, question: str, passages: Sequence[ScoredChunk]) -> Draft:
    text = without_elements(without_reasoning(StrOutputParser().invoke(message)))
    if says_no_answer(text):
        return Draft((), tuple(passages), declined=True, written=(Written(tuple(passages), text),))
    judged = tuple(judged_sentences(text, question, passages))
    claims = tuple(one.claim for one in judged if one.claim is not None)
    return Draft(claims, tuple(passages), written=(Written(tuple(passages), text, judged),))


def _voted(drafts: Sequence[Draft]) -> Draft:
    """The draft that most others agree with; that the model declines, if most of them do."""
    declining = [draft for draft in drafts if draft.declined]
    if 2 * len(declining) > len(drafts):
        return declining[0]
    answering = [draft for draft in drafts if not draft.declined]
    return answering[most_agreed([draft.claims for draft in answering])]


def _counted(draft: Draft, drafts: Sequence[Draft], messages: Sequence[BaseMessage], before: Draft) -> Draft:
    """The draft with what all of them cost and said."""
    tokens = [_tokens(message) for message in messages]
    return replace(
        draft,
        input_tokens=before.input_tokens + sum(read for read, _ in tokens),
        output_tokens=before.output_tokens + sum(written for _, written in tokens),
        written=(*before.written, *(text for one in drafts for text in one.written)),
    )
