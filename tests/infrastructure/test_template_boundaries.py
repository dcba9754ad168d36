"""What the template says of the boundaries that hold where nobody sets them."""

from docqa.domain.measured_boundaries import PASSAGES, PROMPTS
from tests.infrastructure import stack


def test_empty_boundaries_say_which_numbers_were_measured() -> None:
    parameters = stack.template()["Parameters"]
    for name, measured, field in (
        ("RealtimePassages", PASSAGES, "realtime_records"),
        ("BatchPassages", PASSAGES, "batch_records"),
        ("RealtimePrompts", PROMPTS, "realtime_records"),
        ("BatchPrompts", PROMPTS, "batch_records"),
    ):
        said = parameters[name]["Description"].rpartition("Empty - as measured, ")[2]
        on_bedrock, on_own = (getattr(sizes, field) for sizes in (measured.bedrock, measured.own_endpoint))
        assert parameters[name]["Default"] == ""
        if on_bedrock == on_own:
            assert said == f"{on_bedrock:,}."
        else:
            assert said == f"{on_bedrock:,} on Bedrock and {on_own:,} on an endpoint of one's own."
