"""A CloudFormation template worked out as CloudFormation would: rules, conditions and functions, without an account.

Tests and gates ask it what a stack would have for these parameters, and what it would refuse. It knows the functions
that models/template.yaml uses; any other is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::AccountId": "123456789012",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "docqa-models",
}
LEFT_OUT = object()  # AWS::NoValue
VARIABLE = re.compile(r"\$\{([A-Za-z0-9:.]+)\}")


class PaperError(Exception):
    """CloudFormation would not take this: a parameter's value, or a reference to what is not made."""


class Stack:
    """A template with its parameters.

    Args:
        template: As YAML is read, with functions in their long forms.
        parameters: Those that differ from their defaults.

    Raises:
        PaperError: a parameter does not exist or does not take the value.
    """

    def __init__(self, template: Mapping[str, Any], parameters: Mapping[str, str]) -> None:
        self.parameters = _checked(template["Parameters"], parameters)
        self._template = template
        self._conditions: dict[str, bool] = {}
        self._functions: dict[str, Callable[[Any], Any]] = {
            "Ref": self._reference,
            "Fn::GetAtt": self._get_att,
            "Fn::If": lambda parts: self._value(parts[1] if self.condition(parts[0]) else parts[2]),
            "Fn::Sub": self._substituted,
            "Fn::Join": lambda parts: str(parts[0]).join(str(one) for one in self._value(parts[1])),
            "Fn::Split": lambda parts: str(self._value(parts[1])).split(parts[0]),
            "Fn::Select": lambda parts: self._value(parts[1])[int(parts[0])],
            "Fn::FindInMap": self._find_in_map,
        }

    def refusals(self) -> set[str]:
        """The sentence of every assertion that does not hold."""
        return {
            assertion["AssertDescription"]
            for rule in self._template.get("Rules", {}).values()
            if "RuleCondition" not in rule or self._holds(rule["RuleCondition"])
            for assertion in rule["Assertions"]
            if not self._holds(assertion["Assert"])
        }

    def condition(self, name: str) -> bool:
        """Whether a condition holds."""
        if name not in self._conditions:
            self._conditions[name] = self._holds(self._template["Conditions"][name])
        return self._conditions[name]

    def resources(self) -> dict[str, dict[str, Any]]:
        """What is made, by logical id: every value is worked out, references are logical ids.

        Raises:
            PaperError: something that is made refers to something that is not.
        """
        return {
            name: {
                "Type": resource["Type"],
                "Properties": self._value(resource.get("Properties", {})),
                "DependsOn": [self._made(one) for one in _listed(resource.get("DependsOn", []))],
            }
            for name, resource in self._template["Resources"].items()
            if self._is_made(name)
        }

    def outputs(self) -> dict[str, Any]:
        """Every output that there is."""
        return {
            name: self._value(output["Value"])
            for name, output in self._template["Outputs"].items()
            if "Condition" not in output or self.condition(output["Condition"])
        }

    def worked_out(self, value: Any) -> Any:
        """A value of the template with its functions applied."""
        return self._value(value)

    def _is_made(self, name: str) -> bool:
        resource = self._template["Resources"][name]
        return "Condition" not in resource or self.condition(resource["Condition"])

    def _made(self, name: str) -> str:
        if name not in self._template["Resources"]:
            raise PaperError(f"{name} is no parameter and no resource")
        if not self._is_made(name):
            raise PaperError(f"{name} is referred to, and is not made")
        return name

    def _holds(self, node: Any) -> bool:
        ((function, argument),) = node.items()
        match function:
            case "Condition":
                return self.condition(argument)
            case "Fn::Not":
                return not self._holds(argument[0])
            case "Fn::And" | "Fn::Or":
                each = [self._holds(one) for one in argument]  # every one, so that none is left unread
                return all(each) if function == "Fn::And" else any(each)
            case "Fn::Equals":
                first, second = (self._value(one) for one in argument)
                return str(first) == str(second)
            case "Fn::Contains":
                return str(self._value(argument[1])) in map(str, argument[0])
        raise PaperError(f"{function} is not known here")

    def _value(self, node: Any) -> Any:
        if isinstance(node, list):
            return [value for value in map(self._value, node) if value is not LEFT_OUT]
        if not isinstance(node, dict):
            return node
        name = next(iter(node), "")
        if len(node) == 1 and (name == "Ref" or name.startswith("Fn::")):
            if name not in self._functions:
                raise PaperError(f"{name} is not known here")
            return self._functions[name](node[name])
        values = {key: self._value(value) for key, value in node.items()}
        return {key: value for key, value in values.items() if value is not LEFT_OUT}

    def _reference(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return LEFT_OUT
        if name in self.parameters:
            return self.parameters[name]
        return PSEUDO[name] if name in PSEUDO else self._made(name)

    def _get_att(self, argument: str | list[str]) -> Any:
        name, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
        return f"{self._made(name)}.{attribute}"

    def _find_in_map(self, parts: list[Any]) -> Any:
        name, first, second = (self._value(one) for one in parts)
        return self._template["Mappings"][name][first][second]

    def _substituted(self, argument: Any) -> Any:
        text, values = self._text_and_values(argument)

        def worked_out(match: re.Match[str]) -> str:
            name = match[1]
            if name in values:
                return values[name]
            return str(self._get_att(name) if "." in name else self._reference(name))

        return VARIABLE.sub(worked_out, text)

    def _text_and_values(self, argument: Any) -> tuple[str, dict[str, str]]:
        text, own = argument if isinstance(argument, list) else (argument, {})
        return text, {name: str(self._value(value)) for name, value in own.items()}


class PlainStack(Stack):
    """The same, with references between resources left to CloudFormation."""

    def template(self) -> dict[str, Any]:
        """The stack as a template without parameters, conditions and rules."""
        told = {name: resource.get("Metadata") for name, resource in self._template["Resources"].items()}
        return {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Resources": {
                name: {key: value for key, value in {**resource, "Metadata": told[name]}.items() if value}
                for name, resource in self.resources().items()
            },
        }

    def _reference(self, name: str) -> Any:
        return {"Ref": name} if name in self._template["Resources"] else super()._reference(name)

    def _get_att(self, argument: str | list[str]) -> Any:
        return {"Fn::GetAtt": str(super()._get_att(argument)).split(".", 1)}

    def _substituted(self, argument: Any) -> Any:
        text, values = self._text_and_values(argument)
        known = PSEUDO | {name: str(value) for name, value in self.parameters.items()} | values
        filled = VARIABLE.sub(lambda match: known.get(match[1], match[0]), text)
        return {"Fn::Sub": filled} if VARIABLE.search(filled) else filled


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _checked(definitions: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    if unknown := sorted(set(given) - set(definitions)):
        raise PaperError(f"there is no parameter {', '.join(unknown)}")
    return {
        name: _checked_value(name, definition, given.get(name, definition.get("Default")))
        for name, definition in definitions.items()
    }


def _checked_value(name: str, definition: Mapping[str, Any], value: Any) -> Any:
    allowed = [str(one) for one in definition.get("AllowedValues", [value])]
    fits = str(value) in allowed and re.search(definition.get("AllowedPattern", ""), str(value)) is not None
    if fits and definition["Type"] == "Number":
        value = int(value)
        fits = definition.get("MinValue", value) <= value <= definition.get("MaxValue", value)
    if value is None or not fits:
        raise PaperError(f"{name} does not take {value}")
    return value
