"""A template is worked out as CloudFormation would: what these tests say, the tests of the hosting stack rely on."""

from __future__ import annotations

from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from tools.on_paper import PaperError, PlainStack, Stack

TEMPLATE: dict[str, Any] = yaml_parse(
    """
Parameters:
  Kind: { Type: String, Default: a, AllowedValues: [a, b, c] }
  Name: { Type: String, Default: "", AllowedPattern: "^[a-z]*$" }
  Count: { Type: Number, Default: 1, MinValue: 1, MaxValue: 3 }
  Needed: { Type: String }
Rules:
  Always:
    Assertions:
      - { Assert: !Not [!Equals [!Ref Needed, ""]], AssertDescription: Say Needed. }
  OnlyForB:
    RuleCondition: !Equals [!Ref Kind, b]
    Assertions:
      - Assert: { "Fn::Contains": [["1", "2"], !Ref Count] }
        AssertDescription: B takes 1 or 2.
Mappings:
  Sizes:
    a: { Size: 10 }
    b: { Size: 20 }
    c: { Size: 30 }
Conditions:
  IsB: !Equals [!Ref Kind, b]
  IsC: !Equals [!Ref Kind, c]
  IsEither: !Or [!Condition IsB, !Condition IsC]
  IsNamedB: !And [!Condition IsB, !Not [!Equals [!Ref Name, ""]]]
Resources:
  Thing:
    Type: Some::Thing
    Properties:
      Size: !FindInMap [Sizes, !Ref Kind, Size]
      Name: !If [IsNamedB, !Ref Name, !Ref "AWS::NoValue"]
      List: [!If [IsB, only-b, !Ref "AWS::NoValue"], always]
      Parts: !Select [1, !Split ["/", !Join ["/", [x, !Ref Needed, z]]]]
      Sentence: !Sub
        - "${Kind} in ${AWS::Region}, ${Other}"
        - Other: !Ref Needed
  Other:
    Type: Some::Other
    Condition: IsEither
    DependsOn: Thing
    Metadata: { linter: { skip: [one] } }
    Properties:
      Thing: !Ref Thing
      Arn: !GetAtt Thing.Arn
      Text: !Sub "${Needed}/${Thing.Arn}"
  Third:
    Type: Some::Third
    Condition: IsC
    Properties: { Other: !Ref Other }
  Fourth:
    Type: Some::Fourth
    Condition: IsNamedB
    Properties: { Third: !Ref Third }
Outputs:
  Other: { Condition: IsEither, Value: !GetAtt Other.Arn }
  Kind: { Value: !Ref Kind }
"""
)


def stack(**parameters: str) -> Stack:
    return Stack(TEMPLATE, {"Needed": "y", **parameters})


def test_what_is_made_follows_its_conditions() -> None:
    assert set(stack().resources()) == {"Thing"}
    assert set(stack(Kind="b").resources()) == {"Thing", "Other"}
    assert set(stack(Kind="c").resources()) == {"Thing", "Other", "Third"}
    assert set(stack(Kind="c").outputs()) == {"Other", "Kind"}
    assert stack().outputs() == {"Kind": "a"}


def test_values_are_worked_out() -> None:
    assert stack(Kind="b", Needed="word").resources()["Thing"]["Properties"] == {
        "Size": 20,
        "List": ["only-b", "always"],
        "Parts": "word",
        "Sentence": "b in eu-west-1, word",
    }
    assert stack(Kind="b").resources()["Other"]["Properties"] == {
        "Thing": "Thing",
        "Arn": "Thing.Arn",
        "Text": "y/Thing.Arn",
    }


def test_a_reference_to_what_is_not_made_is_found() -> None:
    with pytest.raises(PaperError, match="Third is referred to, and is not made"):
        stack(Kind="b", Name="x").resources()


def test_rules_refuse_with_their_sentence() -> None:
    assert stack(Kind="b", Count="3").refusals() == {"B takes 1 or 2."}
    assert stack(Kind="c", Count="3").refusals() == set()
    assert stack(Needed="").refusals() == {"Say Needed."}


@pytest.mark.parametrize(
    "parameters", [{"Kind": "d"}, {"Name": "UPPER"}, {"Count": "4"}, {"Count": "0"}, {"Unknown": "x"}]
)
def test_a_parameter_takes_only_what_it_allows(parameters: dict[str, str]) -> None:
    with pytest.raises(PaperError):
        stack(**parameters)


def test_a_parameter_without_a_value_is_missed() -> None:
    with pytest.raises(PaperError, match="Needed does not take None"):
        Stack(TEMPLATE, {})


def test_a_function_that_is_not_known_is_an_error() -> None:
    unknown = {"Parameters": {}, "Resources": {"One": {"Type": "T", "Properties": {"X": {"Fn::Cidr": []}}}}}
    with pytest.raises(PaperError, match="Fn::Cidr"):
        Stack(unknown, {}).resources()
    odd = {"Parameters": {}, "Conditions": {"C": {"Fn::Odd": []}}, "Resources": {}}
    with pytest.raises(PaperError, match="Fn::Odd"):
        Stack(odd, {}).condition("C")


def test_a_plain_template_has_no_parameters_and_its_resources_still_refer_to_each_other() -> None:
    plain = PlainStack(TEMPLATE, {"Needed": "y", "Kind": "b"}).template()
    assert set(plain) == {"AWSTemplateFormatVersion", "Resources"}
    assert plain["Resources"]["Other"] == {
        "Type": "Some::Other",
        "DependsOn": ["Thing"],
        "Metadata": {"linter": {"skip": ["one"]}},
        "Properties": {
            "Thing": {"Ref": "Thing"},
            "Arn": {"Fn::GetAtt": ["Thing", "Arn"]},
            "Text": {"Fn::Sub": "y/${Thing.Arn}"},
        },
    }
