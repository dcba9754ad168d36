"""The template as CloudFormation sees it: loops and SAM's short forms written out, offline. Tests read it."""

import json
import sys
from pathlib import Path
from typing import Any

import boto3
import yaml
from ministack.services.cloudformation import language_extensions
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import intrinsics_multi_constructor

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = ROOT / "template.yaml"
SAM = "AWS::Serverless-2016-10-31"
REGION = "eu-west-1"  # any will do: the template names none
UPLOADED = "s3://bucket/key"  # stands for what `sam deploy` uploads
LOCAL_PATHS = {
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
    "AWS::Serverless::Api": "DefinitionUri",
    "AWS::Serverless::StateMachine": "DefinitionUri",
}


class TemplateLoader(yaml.CSafeLoader):
    """SAM's reading of CloudFormation's short tags, with libyaml: SAM's own takes ten times as long."""


TemplateLoader.add_multi_constructor("!", intrinsics_multi_constructor)


def source(template: Path = TEMPLATE, parameters: dict[str, str] | None = None) -> dict[str, Any]:
    """The template with its loops (Fn::ForEach) written out; CloudFormation's short tags are in their long forms.

    The emulator's expansion is used, and `sam validate` has its own: the two agree or a gate fails.
    """
    parsed: dict[str, Any] = yaml.load(template.read_text(), TemplateLoader)  # noqa: S506 - it is a safe one
    defaults = {name: str(parameter.get("Default", "")) for name, parameter in parsed.get("Parameters", {}).items()}
    expanded: dict[str, Any] = language_extensions.apply(parsed, defaults | (parameters or {}))
    return {**expanded, "Transform": SAM}


def translated(template: Path = TEMPLATE, parameters: dict[str, str] | None = None) -> dict[str, Any]:
    """The template with SAM's resources written out, for the default parameters or others.

    Raises:
        InvalidDocumentException: SAM refuses the template.
    """
    document = source(template, parameters)
    for resource in document["Resources"].values():
        path = LOCAL_PATHS.get(resource["Type"])
        properties = resource.get("Properties", {})
        if path and isinstance(properties.get(path), str):
            properties[path] = UPLOADED
    translator = Translator(
        managed_policy_map={}, sam_parser=Parser(), plugins=[], boto_session=boto3.Session(region_name=REGION)
    )
    result: dict[str, Any] = translator.translate(sam_template=document, parameter_values=parameters or {})
    return result


if __name__ == "__main__":
    json.dump(translated(), sys.stdout, indent=1)
