"""XML of any kind: the text of its elements, a line for each that holds text of its own."""

from __future__ import annotations

import re
from typing import IO

from lxml import etree

from docqa.adapters.formats.pieces import Contents, WholeFormat
from docqa.adapters.formats.text_decoding import TEXT_MAX_BYTES, decode, read_bytes
from docqa.adapters.formats.text_parts import parts
from docqa.adapters.formats.xml_trees import Element, local_name, parse_xml
from docqa.domain.hidden_marks import without_marks
from docqa.domain.text_kinds import UTF16_MARKS

_TITLES = ("title", "name")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")


class XmlFormat(WholeFormat):
    """An XML file is one page, unless it is very long."""

    def parse(self, file: IO[bytes]) -> Contents:
        """The text of the elements behind their names."""
        content = read_bytes(file, TEXT_MAX_BYTES)
        if content.startswith(UTF16_MARKS):
            # What the file says of its encoding is wrong as often as not; its byte order mark is not.
            content = _DECLARATION.sub("", decode(content)).encode()
        lines = list(_lines(parse_xml(content, recover=True)))
        title = next((text for name, text in lines if name.lower() in _TITLES), "")
        return Contents(parts(without_marks("\n".join(f"{name}: {text}" for name, text in lines))), title)


def _lines(root: Element) -> list[tuple[str, str]]:
    """Element name and text, in document order; an element of mixed text is one line with all that is in it."""
    found: list[tuple[str, str]] = []
    stack = [root]
    while stack:
        element = stack.pop()
        # What belongs to the elements around comes before what is in them.
        found += [
            (f"{local_name(element)} {etree.QName(name).localname}", str(value)) for name, value in _said(element)
        ]
        if _is_mixed(element) or not len(element):
            if text := " ".join("".join(map(str, element.itertext())).split()):
                found.append((local_name(element), text))
        else:
            stack.extend(reversed([child for child in element if local_name(child)]))
    return found


def _said(element: Element) -> list[tuple[str, str]]:
    """Attributes with words or figures in them; namespaces, ids and the like have their own prefix or name."""
    return [(str(name), str(value)) for name, value in element.attrib.items() if not str(name).startswith("{")]


def _is_mixed(element: Element) -> bool:
    return bool((element.text or "").strip() or any((child.tail or "").strip() for child in element))
