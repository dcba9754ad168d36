"""XML of strangers: no entities, no network, no document types from elsewhere."""

from __future__ import annotations

from lxml import etree

from docqa.errors import MalformedDocumentError

Element = etree._Element  # noqa: SLF001 - lxml's only name for what its functions return


def parse_xml(content: bytes, *, recover: bool = False) -> Element:
    """The root of an XML document.

    Args:
        content: The document in any encoding that it states.
        recover: Read what can be read of a document with errors.

    Raises:
        MalformedDocumentError: it is no XML, nested too deeply, or has text of more than 10 MB in one piece.
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=recover,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise MalformedDocumentError(
            "The file is damaged: its XML cannot be read. Save and upload it again."
        ) from error
    if root is None:
        raise MalformedDocumentError("The file is damaged: its XML holds nothing. Save and upload it again.")
    return root


def local_name(element: Element) -> str:
    """The element's name without its namespace; empty for what is no element (an entity that was not resolved)."""
    # lxml-stubs do not know that the tag of an entity is a function.
    tag: object = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
