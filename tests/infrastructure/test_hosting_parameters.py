"""What the hosting stack misses is said, and what could not work is not taken."""

from __future__ import annotations

import pytest

from models import deployments
from tests.infrastructure import hosting
from tools.on_paper import PaperError


def test_nothing_at_all_is_refused() -> None:
    [sentence] = hosting.stack({}).refusals()
    assert sentence.startswith("Choose at least one mode")


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"EmbeddingRealtime": "true"}, "Say which embedding model"),
        ({"EmbeddingRealtime": "true", "EmbeddingContainer": "package"}, "needs EmbeddingModelPackage"),
        (
            {"ChatRealtime": "true", "ChatModelData": deployments.DATA.format("a"), "ChatHubModel": "a/b"},
            "ChatModelData or ChatHubModel, not both",
        ),
        ({**deployments.alone("Chat", "Transform"), "WorkBucketName": ""}, "need WorkBucketName"),
        ({**deployments.alone("Embedding", "Asynchronous"), "WorkBucketName": ""}, "need WorkBucketName"),
        (
            {**deployments.alone("Embedding", "Realtime"), "WorkBucketName": "", "CapturePercentage": "1"},
            "CapturePercentage needs WorkBucketName",
        ),
        ({"MultiModel": "true"}, "needs MultiModelData"),
    ],
)
def test_what_is_missing_is_said(parameters: dict[str, str], sentence: str) -> None:
    [refused] = hosting.stack(parameters).refusals()
    assert sentence in refused


@pytest.mark.parametrize(
    "parameters",
    [
        {"NamePrefix": "Upper"},
        {"EmbeddingModelData": "https://example.com/model.tar.gz"},
        {"EmbeddingModelData": "s3://bucket/folder/"},
        {"MultiModelData": "s3://bucket/no-slash"},
        {"EmbeddingImage": "docker.io/some/image:1"},
        {"EmbeddingImage": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/no-tag"},
        {"ChatServerlessMemoryMB": "7168"},
        {"ChatModelPackage": "some-package"},
        {"AsyncOutputPrefix": "/absolute"},
        {"KmsKeyArn": "alias/some"},
    ],
)
def test_a_value_that_could_not_work_is_not_taken(parameters: dict[str, str]) -> None:
    with pytest.raises(PaperError, match="does not take"):
        hosting.stack(parameters)
