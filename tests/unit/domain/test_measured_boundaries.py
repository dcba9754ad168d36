"""From when on other routes are taken where nobody says otherwise."""

from docqa.domain.measured_boundaries import PASSAGES, PROMPTS, Measured, Sizes
from docqa.domain.routing import Boundaries, Load, Offer, choose_route
from docqa.models.inference import JobLimits, Route

JOB = Offer(Route.BATCH, JobLimits(1, 50_000, 3_600.0))


def test_what_was_measured_depends_on_where_the_model_is() -> None:
    measured = Measured(bedrock=Sizes(9, 9), own_endpoint=Sizes(2, 4))

    assert measured.at("bedrock") == Sizes(9, 9)
    assert measured.at("sagemaker") == Sizes(2, 4)


def test_settings_go_before_what_was_measured_each_by_itself() -> None:
    sizes = Sizes(2, 4)

    assert sizes.boundaries(None, None, 3) == Boundaries(2, 4, 3)
    assert sizes.boundaries(0, None, 3) == Boundaries(0, 4, 3), "none in real time"
    assert sizes.boundaries(None, 7, 3) == Boundaries(2, 7, 3)


def test_a_hundred_prompts_go_at_once_on_bedrock_and_as_a_job_to_a_model_of_ones_own() -> None:
    def route(provider: str, prompts: int) -> Route:
        load = Load(prompts, 0, 90_000.0, "prompt", "batches")
        return choose_route(load, PROMPTS.at(provider).boundaries(None, None, 3), [JOB]).route

    assert route("bedrock", 100) is Route.REALTIME
    assert route("sagemaker", 100) is Route.BATCH
    assert route("sagemaker", 30) is Route.REALTIME
    assert route("bedrock", 3_000) is Route.BATCH


def test_one_document_is_a_batch_by_itself_only_far_above_where_real_time_ends() -> None:
    for sizes in (PASSAGES.bedrock, PASSAGES.own_endpoint):
        assert sizes.batch_records >= 10 * sizes.realtime_records
