"""Tools and their results as Converse wants them, and calls as LangChain wants them."""

from __future__ import annotations

from typing import Any

from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

from docqa.adapters.bedrock_chat import BedrockChat

CALLS = [{"name": "search", "args": {"query": "runway"}, "id": "t-1"}, {"name": "search", "args": {}, "id": "t-2"}]


class Converse:
    """Answers every call with the same content."""

    def __init__(self, *content: dict[str, Any]) -> None:
        self.content = list(content)
        self.requests: list[dict[str, Any]] = []

    def converse(self, **request: Any) -> dict[str, Any]:
        self.requests.append(request)
        usage = {"inputTokens": 7, "outputTokens": 3}
        return {"output": {"message": {"role": "assistant", "content": self.content}}, "usage": usage}


def search(query: str) -> str:
    """Search the documents."""
    return query


def test_tools_are_offered_and_calls_come_back() -> None:
    client = Converse(
        {"text": "I look it up."}, {"toolUse": {"toolUseId": "t-9", "name": "search", "input": {"query": "runway"}}}
    )
    model = BedrockChat(client=client, model="m", max_tokens=50).bind_tools([search])

    answer = model.invoke([SystemMessage("Look things up."), HumanMessage("How long?")])

    (request,) = client.requests
    (tool,) = request["toolConfig"]["tools"]
    assert (tool["toolSpec"]["name"], tool["toolSpec"]["description"]) == ("search", "Search the documents.")
    assert tool["toolSpec"]["inputSchema"]["json"]["required"] == ["query"]
    assert request["inferenceConfig"] == {"maxTokens": 50, "temperature": 0.0}
    assert [(call["name"], call["args"], call["id"]) for call in answer.tool_calls] == [
        ("search", {"query": "runway"}, "t-9")
    ]
    assert answer.text == "I look it up."


def test_results_of_calls_made_together_are_one_turn() -> None:
    client = Converse({"text": "640 metres [1]."})

    BedrockChat(client=client, model="m", max_tokens=50).invoke(
        [
            HumanMessage("How long?"),
            AIMessage("", tool_calls=CALLS),
            ToolMessage("It is 640 metres long.", tool_call_id="t-1"),
            ToolMessage("no query", tool_call_id="t-2", status="error"),
        ]
    )

    (request,) = client.requests
    assert "toolConfig" not in request
    assert [turn["role"] for turn in request["messages"]] == ["user", "assistant", "user"]
    assert [part["toolUse"]["toolUseId"] for part in request["messages"][1]["content"]] == ["t-1", "t-2"]
    assert [part["toolResult"]["status"] for part in request["messages"][2]["content"]] == ["success", "error"]
    assert request["messages"][2]["content"][0]["toolResult"]["content"] == [{"text": "It is 640 metres long."}]


def test_a_sample_is_drawn_at_the_temperature_that_is_bound() -> None:
    client = Converse({"text": "640"})

    BedrockChat(client=client, model="m", max_tokens=50).bind(temperature=0.7).invoke([HumanMessage("How long?")])

    assert client.requests[0]["inferenceConfig"]["temperature"] == 0.7
