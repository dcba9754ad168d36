"""What OpenDocument's styles say: hidden, on a new page, numbered."""

from __future__ import annotations

from collections.abc import Sequence

from docqa.adapters.formats.xml_trees import Element, local_name

# Styles that are based on each other in a circle are a trap.
_MAX_ANCESTORS = 20
_WHITE = "#ffffff"
_LEVELS = 10


class OdtStyles:
    """The styles of a document, those that its program made for single paragraphs among them."""

    def __init__(self, roots: Sequence[Element]) -> None:
        self._styles: dict[tuple[str, str], Element] = {}
        self._numbered: dict[str, frozenset[int]] = {}
        for root in roots:
            for style in root.iter("{*}style"):
                self._styles[attribute(style, "family"), attribute(style, "name")] = style
            for style in root.iter("{*}list-style"):
                self._numbered[attribute(style, "name")] = frozenset(
                    int(attribute(level, "level") or 1)
                    for level in style
                    if local_name(level) == "list-level-style-number" and attribute(level, "num-format")
                )

    def breaks_before(self, style: str) -> bool:
        """Whether a paragraph of this style begins a page."""
        found = self._styles.get(("paragraph", style))
        if found is not None and attribute(found, "master-page-name"):
            return True
        return self._property("paragraph", style, "paragraph-properties", "break-before") == "page"

    def breaks_after(self, style: str) -> bool:
        """Whether a page ends behind a paragraph of this style."""
        return self._property("paragraph", style, "paragraph-properties", "break-after") == "page"

    def hides(self, family: str, style: str) -> bool:
        """Whether nobody sees text of this style: not displayed, or white on white."""
        if self._property(family, style, "text-properties", "display") == "none":
            return True
        ground = self._property(family, style, "text-properties", "background-color") or self._property(
            family, style, "paragraph-properties", "background-color"
        )
        colour = self._property(family, style, "text-properties", "color")
        return colour == _WHITE and ground in ("", "transparent", _WHITE)

    def is_numbered(self, list_style: str, level: int) -> bool:
        """Whether entries of a list are counted; level from 1."""
        return min(level, _LEVELS) in self._numbered.get(list_style, frozenset())

    def _property(self, family: str, style: str, kind: str, name: str) -> str:
        for _ in range(_MAX_ANCESTORS):
            element = self._styles.get((family, style))
            if element is None:
                return ""
            for properties in element:
                if local_name(properties) == kind and (value := attribute(properties, name)):
                    return value.lower()
            style = attribute(element, "parent-style-name")
        return ""


def attribute(element: Element, name: str) -> str:
    """An attribute by its name without namespace."""
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(value)
    return ""
