"""What every reranking model does, on whatever service, and the one in memory."""

from __future__ import annotations

from docqa.ports.reranking import Reranker

QUESTION = "How long is the grass runway?"
TEXTS = [
    "The control tower is staffed from 0800 to 1700.",
    "The grass runway is 640 metres long.",
    "A runway is a strip of land.",
]


class RerankerContract:
    """Derive from it and provide the fixture `reranker`."""

    def test_scores_come_in_the_order_of_the_texts_whatever_order_they_are_answered_in(
        self, reranker: Reranker
    ) -> None:
        there = reranker.scores(QUESTION, TEXTS)
        back = reranker.scores(QUESTION, TEXTS[::-1])

        assert max(range(3), key=there.__getitem__) == 1
        assert there == back[::-1]

    def test_as_many_texts_as_it_takes_have_a_score_each(self, reranker: Reranker) -> None:
        scores = reranker.scores(QUESTION, [f"Text {n}" for n in range(reranker.most)])

        assert len(scores) == reranker.most

    def test_one_text_alone_has_a_score(self, reranker: Reranker) -> None:
        assert len(reranker.scores(QUESTION, TEXTS[:1])) == 1

    def test_it_has_a_name_to_be_priced_by(self, reranker: Reranker) -> None:
        assert reranker.model
