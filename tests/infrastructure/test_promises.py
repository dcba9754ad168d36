"""`make promises` says what the tests and their results say."""

import pytest

from tools.promises import Claim, ConventionError, Outcomes, Promise, Status, claims, outcomes, promises, status

MODULE = '''
class TestReceipt:
    """Promise 13: the same event."""

    @given(events())
    def test_twice(self, events):
        """Promises 14, 17 and 34a: any order."""

def test_alone():
    """No promise here."""

def test_crash():
    """What happens after a crash.

    Promise 17: the same end state.
    """
'''
RESULTS = """<testsuites><testsuite>
<testcase classname="tests.unit.test_a.TestReceipt" name="test_twice[a]"/>
<testcase classname="tests.unit.test_a.TestReceipt" name="test_twice[b]"><failure message="no"/></testcase>
<testcase classname="tests.unit.test_a" name="test_crash"/>
<testcase classname="tests.unit.test_a" name="test_slow"><skipped message="why"/></testcase>
</testsuite></testsuites>"""


def claim(test: str, *, property_based: bool = False) -> Claim:
    return Claim(f"tests.unit.test_a.{test}", ("13",), property_based)


def test_promises_are_read_with_their_marks() -> None:
    page = "# Title\n\n13. The same event N times. H\n17. A crash: the same end state. F, every step\n34a. 500 at once."
    assert promises(page) == [
        Promise("13", "The same event N times.", "H"),
        Promise("17", "A crash: the same end state.", "F"),
        Promise("34a", "500 at once.", ""),
    ]


def test_claims_come_from_the_docstrings_of_functions_and_classes() -> None:
    assert list(claims(MODULE, "tests.unit.test_a")) == [
        Claim("tests.unit.test_a.TestReceipt.test_twice", ("13", "14", "17", "34a"), property_based=True),
        Claim("tests.unit.test_a.test_crash", ("17",), property_based=False),
    ]


def test_a_claim_in_another_form_is_refused() -> None:
    with pytest.raises(ConventionError, match=r"tests\.unit\.test_a\.test_it: write"):
        list(claims('def test_it():\n    """promise 13 holds"""\n', "tests.unit.test_a"))


def test_the_state_of_a_promise_follows_from_its_tests() -> None:
    results = outcomes(RESULTS)
    plain, drawn = Promise("13", "", ""), Promise("13", "", "H")
    assert status(plain, [], results) == Status.NOT_YET
    assert status(plain, [claim("test_crash")], Outcomes()) == Status.NOT_RUN
    assert status(plain, [claim("test_crash")], results) == Status.PASSING
    assert status(plain, [claim("test_crash"), claim("test_slow")], results) == Status.NOT_RUN
    assert status(plain, [claim("test_crash"), claim("TestReceipt.test_twice")], results) == Status.FAILING
    assert status(drawn, [claim("test_crash")], results) == Status.PARTLY
    assert status(drawn, [claim("test_crash", property_based=True)], results) == Status.PASSING
