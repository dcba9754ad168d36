"""Plain text, Markdown and HTML as a reader sees them."""

import io

import pytest

from docqa.adapters.html import HtmlFormat
from docqa.adapters.markdown import MarkdownFormat
from docqa.adapters.plain_text import PlainTextFormat
from docqa.models.page import ReadingMethod
from docqa.ports.reading import DocumentFormat


def texts(reader: DocumentFormat, content: str | bytes) -> list[str]:
    file = io.BytesIO(content if isinstance(content, bytes) else content.encode())
    return [page.text for page in reader.read(file, 1, reader.outline(file).pages)]


def test_plain_text_stays_as_it_is_and_form_feeds_divide_pages() -> None:
    assert texts(PlainTextFormat(), "a  b \r\n\r\n\r\nc\fsecond\x00 page") == ["a  b \n\n\nc", "second page"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"])
def test_the_usual_encodings_are_read(encoding: str) -> None:
    prose = "The café's bill: £5, quite a lot. "

    assert texts(PlainTextFormat(), (prose * 5).encode(encoding)) == [prose * 5]


def test_a_page_without_text_says_so() -> None:
    (page,) = PlainTextFormat().read(io.BytesIO(b" \n"), 1, 1)

    assert (page.method, page.reason) == (ReadingMethod.EMPTY, "no text")


def test_markdown_keeps_its_words_and_drops_addresses() -> None:
    source = "# Guide\n\nSee [the *report*](https://x.example/a_(1)) ![a map](data:image/png;base64,AAAA).\n"
    source += "<!-- a note -->\n```\nsee[0](1)\n```\nand [this](y)."

    assert texts(MarkdownFormat(), source) == ["# Guide\n\nSee the *report* a map.\n\n```\nsee[0](1)\n```\nand this."]
    assert MarkdownFormat().outline(io.BytesIO(source.encode())).title == "Guide"


def test_html_is_what_is_shown() -> None:
    """Promise 47: nothing of a page is fetched, neither scripts nor images nor frames."""
    source = """<!doctype html><html><head><title>A stated title</title><style>p{}</style></head><body>
      <script>alert("script")</script><noscript>turn it on</noscript><!-- comment -->
      <h1>Opening <b>hours</b></h1><p>Mon to <a href="https://x.example/">Friday</a>, 9 to 5.
      <img src="https://x.example/i.png" alt="picture"></p>
      <p style="display: none">hidden</p><p hidden>hidden</p><div style="font-size:0">hidden</div>
      <iframe src="https://x.example/"></iframe>
      <table><tr><th>Day</th><th>Hours</th></tr><tr><td>Sat</td><td>3 * 2</td></tr></table>
      <ul><li>one</li><li>two_three</li></ul></body></html>"""

    (text,) = texts(HtmlFormat(), source)

    assert text.startswith("# Opening hours\n\nMon to Friday, 9 to 5.")
    assert "| Sat | 3 * 2 |" in text
    assert "- two_three" in text
    for unwanted in ("script", "hidden", "comment", "http", "picture", "turn it on", "p{}"):
        assert unwanted not in text
    assert HtmlFormat().outline(io.BytesIO(source.encode())).title == "A stated title"


def test_html_in_another_encoding_is_read_as_its_meta_tag_says() -> None:
    source = '<html><head><meta charset="iso-8859-1"></head><body>Grüße</body></html>'.encode("iso-8859-1")

    assert texts(HtmlFormat(), source) == ["Grüße"]
