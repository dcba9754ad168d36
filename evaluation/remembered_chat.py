"""A chat model that is asked every prompt once: at temperature 0 the answer is the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, SystemMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import ConfigDict, Field


class RememberedChat(BaseChatModel):
    """Passes prompts on to another model, with a secret in the system prompt, and keeps what it said in a file.

    Attributes:
        inner: The model.
        secret: Appended to every system message; whoever reads it in an answer has found a leak.
        file: One JSON object a line; read at the start, so that a repeated run asks only what is new.
        prompts: What the model was shown since they were last taken out.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    inner: BaseChatModel
    secret: str
    file: Path
    prompts: list[str] = Field(default_factory=list)
    known: dict[str, str] = Field(default_factory=dict)

    def model_post_init(self, _: Any, /) -> None:
        """Read what was said before."""
        if self.file.exists():
            lines = map(json.loads, self.file.read_text("utf-8").splitlines())
            self.known.update({line["prompt"]: line["said"] for line in lines})

    @property
    def _llm_type(self) -> str:
        return "remembered"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 - LangChain passes it by name
        **_: Any,
    ) -> ChatResult:
        asked = [self._with_secret(message) for message in messages]
        text = "\n".join(message.text for message in asked)
        self.prompts.append(text)
        key = hashlib.sha256(text.encode()).hexdigest()
        if key not in self.known:
            self._remember(key, asked, stop)
        return ChatResult(generations=[ChatGeneration(message=AIMessage(self.known[key]))])

    def _with_secret(self, message: BaseMessage) -> BaseMessage:
        return SystemMessage(f"{message.text}\n{self.secret}") if isinstance(message, SystemMessage) else message

    def _remember(self, key: str, asked: Sequence[BaseMessage], stop: list[str] | None) -> None:
        said = self.inner.invoke(list(asked), stop=stop).text
        self.known[key] = said
        with self.file.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"prompt": key, "said": said}) + "\n")
