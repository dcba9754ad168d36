"""Tools in Converse: what LangChain's messages and tool schemas look like there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, SystemMessage, ToolMessage
from langchain_core.messages.tool import ToolCall, tool_call


def tool_configuration(tools: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """`toolConfig` of functions in OpenAI's form, which LangChain makes of any tool."""
    return {"tools": [{"toolSpec": _specification(tool["function"])} for tool in tools]}


def turns(messages: Sequence[BaseMessage]) -> list[dict[str, Any]]:
    """Messages but the system's; results of tools that follow one another are one turn, as Bedrock wants them."""
    made: list[dict[str, Any]] = []
    for message in messages:
        if isinstance(message, SystemMessage):
            continue
        role, content = _turn(message)
        if made and isinstance(message, ToolMessage) and made[-1]["role"] == role:
            made[-1]["content"] += content
        else:
            made.append({"role": role, "content": content})
    return made


def tool_calls(content: Sequence[Mapping[str, Any]]) -> list[ToolCall]:
    """The calls in an answer's content."""
    used = [part["toolUse"] for part in content if "toolUse" in part]
    return [tool_call(name=use["name"], args=use.get("input") or {}, id=use["toolUseId"]) for use in used]


def _specification(function: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": function["name"],
        "description": function["description"],
        "inputSchema": {"json": function["parameters"]},
    }


def _turn(message: BaseMessage) -> tuple[str, list[dict[str, Any]]]:
    if isinstance(message, ToolMessage):
        text = message.text or json.dumps(None)
        status = "error" if message.status == "error" else "success"
        result = {"toolUseId": message.tool_call_id, "content": [{"text": text}], "status": status}
        return "user", [{"toolResult": result}]
    if isinstance(message, AIMessage):
        said = [{"text": message.text}] if message.text.strip() else []
        used = [
            {"toolUse": {"toolUseId": call["id"], "name": call["name"], "input": call["args"]}}
            for call in message.tool_calls
        ]
        return "assistant", [*said, *used]
    return "user", [{"text": message.text}]
