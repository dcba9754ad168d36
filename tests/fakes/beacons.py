"""Files that ask their reader to fetch something from an address, in every way that their format knows."""

from __future__ import annotations

from collections.abc import Callable

from tests.fakes.containers import XML, docx, epub, mail, odt, paragraph, pdf, relationships, stream, xlsx, zipped

# What each file says besides; it proves that the file was read at all.
TEXT = "Visible words of the document."
_DTD = (
    '<!DOCTYPE {root} SYSTEM "{at}/a.dtd" [<!ENTITY % outside SYSTEM "{at}/b.dtd"> %outside; '
    '<!ENTITY far SYSTEM "{at}/far.txt"><!ENTITY near SYSTEM "file:///etc/hostname">]>'
)


def _dtd(root: str, at: str) -> str:
    return _DTD.replace("{root}", root).replace("{at}", at)


def html(at: str) -> bytes:
    return (
        f'<!DOCTYPE html SYSTEM "{at}/html.dtd"><html><head><base href="{at}/"><link rel=stylesheet href="{at}/a.css">'
        f'<link rel=preload as=image href="{at}/p.png"><meta http-equiv=refresh content="0;url={at}/next">'
        f'<script src="{at}/a.js"></script><style>@import url("{at}/b.css");</style></head>'
        f'<body background="{at}/b.png">'
        f'<p>{TEXT}</p><img src="{at}/a.png" srcset="{at}/b.png 2x"><iframe src="{at}/frame"></iframe>'
        f'<object data="{at}/o"></object><embed src="{at}/e"><video src="{at}/v" poster="{at}/p.png"></video>'
        f'<svg><image xlink:href="{at}/s.png"/><use href="{at}/u.svg#x"/></svg>'
        f'<input type=image src="{at}/i.png"></body>'
    ).encode()


def xhtml(at: str) -> bytes:
    body = f"<p>{TEXT} &far; &near;</p><img src='{at}/a.png'/>"
    return f'{XML}{_dtd("html", at)}<html xmlns="http://www.w3.org/1999/xhtml"><body>{body}</body></html>'.encode()


def xml(at: str) -> bytes:
    style = f'<?xml-stylesheet href="{at}/a.xsl" type="text/xsl"?>'
    inside = f'<xi:include href="{at}/x.xml"/><p>{TEXT} &far; &near;</p>'
    names = 'xmlns:xi="http://www.w3.org/2001/XInclude" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    root = f'<root {names} xsi:schemaLocation="urn:a {at}/a.xsd">'
    return f"{XML}{style}{_dtd('root', at)}{root}{inside}</root>".encode()


def markdown(at: str) -> bytes:
    return f'# {TEXT}\n\n![picture]({at}/a.png)\n\n<img src="{at}/b.png">\n\n[r]: {at}/c\n'.encode()


def csv(at: str) -> bytes:
    return f'words,more\n{TEXT},"=WEBSERVICE(""{at}/a"")"\n'.encode()


def rtf(at: str) -> bytes:
    field = '{\\field{\\*\\fldinst INCLUDEPICTURE "%s/a.png" \\\\d}{\\fldrslt }}' % at  # noqa: UP031 - braces
    return ("{\\rtf1{\\*\\template %s/t.dot}" % at + field + TEXT + "\\par}").encode()  # noqa: UP031


def word(at: str) -> bytes:
    outside = relationships(
        ("image", f"{at}/a.png", True),
        ("attachedTemplate", f"{at}/t.dotm", True),
        ("subDocument", f"{at}/s.docx", True),
        ("hyperlink", f"{at}/h", True),
        ("oleObject", f"{at}/o", True),
    )
    picture = '<w:p><w:r><w:drawing><a:blip r:link="rId1" r:embed="rId1"/></w:drawing></w:r></w:p>'
    included = f'<w:p><w:fldSimple w:instr=" INCLUDETEXT {at}/f.docx "/></w:p><w:subDoc r:id="rId3"/>'
    return docx(paragraph(TEXT) + picture + included, parts={"word/_rels/document.xml.rels": outside})


def word_with_entities(at: str) -> bytes:
    return docx(paragraph(f"{TEXT} &far; &near;"), prolog=XML + _dtd("w:document", at))


def workbook(at: str) -> bytes:
    outside = relationships(
        ("worksheet", "worksheets/sheet1.xml", False),
        ("sharedStrings", "sharedStrings.xml", False),
        ("externalLinkPath", f"{at}/other.xlsx", True),
        ("connections", f"{at}/connection", True),
    )
    cells = f'<c r="A1" t="s"><v>0</v></c><c r="B1"><f>WEBSERVICE("{at}/a")</f><v>1</v></c>'
    return xlsx(f'<row r="1">{cells}</row>', dimension="A1:B1", strings=f"<si><t>{TEXT}</t></si>", relations=outside)


def open_document(at: str) -> bytes:
    frame = f'<draw:frame><draw:image xlink:href="{at}/a.png" xlink:type="simple" xlink:actuate="onLoad"/></draw:frame>'
    section = f'<text:section text:name="s"><text:section-source xlink:href="{at}/s.odt"/></text:section>'
    return odt(f"<text:p>{TEXT}{frame}</text:p>{section}", prolog=XML)


def open_document_with_entities(at: str) -> bytes:
    return odt(f"<text:p>{TEXT} &far; &near;</text:p>", prolog=XML + _dtd("office:document-content", at))


def book(at: str) -> bytes:
    chapter = f'<p>{TEXT}</p><img src="{at}/a.png"/><iframe src="{at}/f"/><link rel="stylesheet" href="{at}/a.css"/>'
    return epub([chapter], package_prolog=XML + f'<!DOCTYPE package SYSTEM "{at}/p.dtd">')


def portable(at: str) -> bytes:
    """Actions that open addresses and other files, and a stream whose bytes lie elsewhere."""
    address = at.encode()
    content = f"BT /F1 12 Tf 50 700 Td ({TEXT}) Tj ET".encode()
    return pdf(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R /OpenAction 6 0 R /AA << /WC 7 0 R >> /URI << /Base (%s) >> "
            b"/AcroForm << /Fields [] /XFA 9 0 R >> >>" % address,
            2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents [4 0 R 8 0 R] /AA << /O 7 0 R >> "
            b"/Resources << /Font << /F1 5 0 R >> /XObject << /X0 10 0 R >> >> >>",
            4: stream(content),
            5: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
            6: b"<< /S /URI /URI (%s/open) >>" % address,
            7: b"<< /S /SubmitForm /F << /FS /URL /F (%s/form) >> >>" % address,
            8: stream(b"", b"/F << /FS /URL /F (%s/content) >>" % address),
            9: stream(b'<xdp><x href="%s/xfa"/></xdp>' % address),
            10: stream(b"", b"/Type /XObject /Subtype /Image /Width 9 /Height 9 /F << /FS /URL /F (%s/i) >>" % address),
        }
    )


def message(at: str) -> bytes:
    parts = (
        f"--b\r\nContent-Type: text/html\r\n\r\n<p>{TEXT}</p><img src='{at}/a.png'>\r\n"
        f'--b\r\nContent-Type: message/external-body; access-type=URL; URL="{at}/body"\r\n\r\n'
        f"Content-Type: text/plain\r\n\r\n--b--\r\n"
    )
    return mail(parts.encode(), "multipart/mixed; boundary=b")


def slides(at: str) -> bytes:
    p = "http://schemas.openxmlformats.org/presentationml/2006/main"
    a = "http://schemas.openxmlformats.org/drawingml/2006/main"
    r = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    kind = "application/vnd.openxmlformats-officedocument.presentationml"
    types = (
        f'{XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/ppt/presentation.xml" ContentType="{kind}.presentation.main+xml"/>'
        f'<Override PartName="/ppt/slides/slide1.xml" ContentType="{kind}.slide+xml"/></Types>'
    )
    shape = f"<p:sp><p:spPr/><p:txBody><a:bodyPr/><a:p><a:r><a:t>{TEXT}</a:t></a:r></a:p></p:txBody></p:sp>"
    picture = '<p:pic><p:blipFill><a:blip r:link="rId1"/></p:blipFill><p:spPr/></p:pic>'
    slide = (
        f'{XML}<p:sld xmlns:p="{p}" xmlns:a="{a}" xmlns:r="{r}"><p:cSld><p:spTree>{shape}{picture}</p:spTree></p:cSld>'
        "</p:sld>"
    )
    deck = (
        f'{XML}<p:presentation xmlns:p="{p}" xmlns:r="{r}"><p:sldIdLst><p:sldId id="256" r:id="rId1"/></p:sldIdLst>'
        "</p:presentation>"
    )
    return zipped(
        {
            "[Content_Types].xml": types,
            "_rels/.rels": relationships(("officeDocument", "ppt/presentation.xml", False)),
            "ppt/presentation.xml": deck,
            "ppt/_rels/presentation.xml.rels": relationships(("slide", "slides/slide1.xml", False)),
            "ppt/slides/slide1.xml": slide,
            "ppt/slides/_rels/slide1.xml.rels": relationships(
                ("image", f"{at}/a.png", True), ("video", f"{at}/v", True), ("slideLayout", f"{at}/l.xml", True)
            ),
        }
    )


BEACONS: dict[str, Callable[[str], bytes]] = {
    "page.html": html,
    "page.xhtml": xhtml,
    "data.xml": xml,
    "notes.md": markdown,
    "table.csv": csv,
    "letter.rtf": rtf,
    "letter.docx": word,
    "entities.docx": word_with_entities,
    "deck.pptx": slides,
    "figures.xlsx": workbook,
    "letter.odt": open_document,
    "entities.odt": open_document_with_entities,
    "book.epub": book,
    "paper.pdf": portable,
    "mail.eml": message,
}
