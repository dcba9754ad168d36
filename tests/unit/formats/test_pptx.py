"""Presentations: a slide is a page."""

from __future__ import annotations

import io
from collections.abc import Callable

import pptx
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.presentation import Presentation
from pptx.util import Inches, Pt

from docqa.models.page import ReadingMethod
from tests.unit.formats.pictures import picture
from tests.unit.formats.reading import hidden_texts, read, selected, title

TITLE_ONLY, BLANK, TITLE_AND_CONTENT = 5, 6, 1


def saved(fill: Callable[[Presentation], None]) -> bytes:
    presentation = pptx.Presentation()
    fill(presentation)
    file = io.BytesIO()
    presentation.save(file)
    return file.getvalue()


def test_a_slide_reads_from_its_title_down_to_its_notes() -> None:
    def fill(presentation: Presentation) -> None:
        slide = presentation.slides.add_slide(presentation.slide_layouts[TITLE_AND_CONTENT])
        low = slide.shapes.add_textbox(Inches(1), Inches(6), Inches(2), Inches(1))
        low.text_frame.text = "At the foot"
        slide.shapes.title.text = "Results\vof 2024"
        slide.placeholders[1].text_frame.text = "More sales"
        slide.placeholders[1].text_frame.add_paragraph().text = "Abroad"
        slide.placeholders[1].text_frame.paragraphs[1].level = 1
        slide.notes_slide.notes_text_frame.text = "Say it slowly."
        presentation.core_properties.title = "The year"

    content = saved(fill)
    (page,) = read(content)

    assert page.label == "Slide 1"
    assert page.text == "# Results of 2024\n\nMore sales\n  - Abroad\n\nAt the foot\n\nNotes: Say it slowly."
    assert title(content) == "The year"


def test_tables_and_charts_are_tables() -> None:
    def fill(presentation: Presentation) -> None:
        slide = presentation.slides.add_slide(presentation.slide_layouts[BLANK])
        table = slide.shapes.add_table(3, 2, Inches(1), Inches(1), Inches(4), Inches(1)).table
        for row, (name, price) in enumerate([("Item", "Price"), ("A", "1"), ("", "2")]):
            table.cell(row, 0).text, table.cell(row, 1).text = name, price
        table.cell(1, 0).merge(table.cell(2, 0))
        data = CategoryChartData()
        data.categories = ["2023", "2024"]
        data.add_series("Sales", (1.5, 2.5))
        slide.shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, Inches(1), Inches(4), Inches(4), Inches(3), data)

    (page,) = read(saved(fill))

    assert page.text == (
        "| Item | Price |\n| --- | --- |\n| A | 1 |\n| A | 2 |\n\n"
        "|  | Sales |\n| --- | --- |\n| 2023 | 1.5 |\n| 2024 | 2.5 |"
    )


def test_groups_are_read_and_hidden_things_are_marked() -> None:
    """Promise 48: slides, shapes and text that nobody sees are flagged."""

    def fill(presentation: Presentation) -> None:
        slide = presentation.slides.add_slide(presentation.slide_layouts[BLANK])
        group = slide.shapes.add_group_shape()
        group.shapes.add_textbox(Inches(1), Inches(1), Inches(2), Inches(1)).text_frame.text = "In a group"
        box = slide.shapes.add_textbox(Inches(1), Inches(3), Inches(2), Inches(1))
        run = box.text_frame.paragraphs[0].add_run()
        run.text, run.font.size = "tiny", Pt(1)
        unseen = slide.shapes.add_textbox(Inches(1), Inches(5), Inches(2), Inches(1))
        unseen.text_frame.text = "unseen"
        unseen._element.nvSpPr.cNvPr.set("hidden", "1")
        slide = presentation.slides.add_slide(presentation.slide_layouts[BLANK])
        slide.shapes.add_textbox(Inches(1), Inches(1), Inches(2), Inches(1)).text_frame.text = "Not shown"
        slide._element.set("show", "0")

    first, second = read(saved(fill))

    assert first.text == "In a group\n\ntiny\n\nunseen"
    assert "".join(hidden_texts(first)) == "tiny\n\nunseen"
    assert (second.label, hidden_texts(second)) == ("Slide 2 (hidden)", ["Not shown"])


def test_a_slide_with_nothing_but_pictures_needs_text_recognition() -> None:
    def fill(presentation: Presentation) -> None:
        slide = presentation.slides.add_slide(presentation.slide_layouts[BLANK])
        slide.shapes.add_picture(io.BytesIO(picture()), 0, 0)
        slide.shapes.add_picture(io.BytesIO(picture("JPEG", (2_000, 3_000))), 0, Inches(3))
        presentation.slides.add_slide(presentation.slide_layouts[BLANK])

    content = saved(fill)
    first, second = read(content)

    assert (first.method, first.reason) == (ReadingMethod.NEEDS_OCR, "no text, pictures: 2")
    assert second.method is ReadingMethod.EMPTY
    assert selected(content, [1]).startswith(b"%PDF-")
