"""What the owner of a document is told about its pages."""

from docqa.domain.page_warnings import PageWarnings
from docqa.models.page import Page, ReadingMethod, Shows


def told(*pages: Page) -> tuple[str, ...]:
    warnings = PageWarnings()
    for page in pages:
        warnings.see(page)
    return warnings.sentences()


def test_pages_without_trouble_are_no_warning() -> None:
    assert told(Page(1, "text", ReadingMethod.TEXT_LAYER), Page(2, "", ReadingMethod.EMPTY)) == ()


def test_unreadable_pages_are_named_by_number_and_attachments_by_name() -> None:
    warnings = told(
        Page(1, "", ReadingMethod.UNREADABLE, "the page is damaged"),
        Page(2, "", ReadingMethod.UNREADABLE, "the page is damaged"),
        Page(3, "", ReadingMethod.UNREADABLE, "attachment: The file is a sound.", label="talk.mp3"),
    )

    assert warnings == (
        "Pages 1-2: could not be read and cannot be found. Upload a clearer copy.",
        "talk.mp3: attachment: The file is a sound.",
    )


def test_what_was_not_recognised_is_told_apart_from_pictures_without_words_and_from_nothing() -> None:
    """Promise 19: pages that show something are named; blank ones are not."""
    warnings = told(
        Page(1, "", ReadingMethod.UNRECOGNISED, shows=Shows.WRITING),
        Page(2, "Stamp 7", ReadingMethod.TEXT_LAYER, shows=Shows.WRITING, incomplete=True),
        Page(3, "", ReadingMethod.EMPTY, shows=Shows.PICTURE),
        Page(4, "", ReadingMethod.EMPTY, shows=Shows.NOTHING),
    )

    assert [warning.partition(":")[0] for warning in warnings] == ["Pages 1-2", "Page 3"]
    assert "no text was recognised" in warnings[0]
    assert "no words were found" in warnings[1]


def test_pictures_beside_text_are_counted() -> None:
    warnings = told(
        Page(1, "text", ReadingMethod.TEXT_LAYER, unread_pictures=2),
        Page(2, "text", ReadingMethod.TEXT_LAYER),
        Page(3, "text", ReadingMethod.TEXT_LAYER, unread_pictures=1),
    )

    assert warnings == ("Pages 1, 3: words in pictures beside the text were not read (3 pictures).",)


def test_a_mail_with_hundreds_of_broken_attachments_stays_short() -> None:
    pages = [Page(n, "", ReadingMethod.UNREADABLE, "damaged", label=f"{n}.pdf") for n in range(1, 200)]

    assert len(told(*pages)) == 10
