import pytest

from docqa.domain.pricing import extraction_usd, instance_hours_usd, serverless_usd, tokens_usd


def test_tokens_cost_what_the_list_says_also_behind_an_inference_profile() -> None:
    assert tokens_usd("amazon.titan-embed-text-v2:0", 1_000_000) == pytest.approx(0.02)
    assert tokens_usd("eu.amazon.nova-lite-v1:0", 1_000_000, 1_000_000) == pytest.approx(0.30)


def test_an_endpoint_that_is_paid_by_the_hour_adds_nothing_to_a_document() -> None:
    assert tokens_usd("my-endpoint", 1_000_000) == 0.0


def test_each_feature_of_an_extracted_page_has_its_price() -> None:
    assert extraction_usd(1_000, ["text"]) == pytest.approx(1.5)
    assert extraction_usd(10, ["tables", "layout"]) == pytest.approx(0.19)


def test_an_instance_is_paid_by_the_hour_and_serverless_work_by_the_second() -> None:
    assert instance_hours_usd("ml.g5.xlarge", 10) == pytest.approx(14.08)
    assert serverless_usd(2048, 3600) == pytest.approx(0.144)


def test_an_instance_without_a_price_is_not_free() -> None:
    with pytest.raises(KeyError):
        instance_hours_usd("ml.p5.48xlarge", 1)
