"""Workbooks as table tools write them, part by part, with what a test wants to be odd about them."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from shared.intake.columns import letters

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OF_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
#: The first cell style is plain, the second one a date.
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>'
)
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a workbook knows no time zones


class Formula(NamedTuple):
    """A formula and the value that it had when it was saved."""

    formula: str
    value: object


class Sheet(NamedTuple):
    """A sheet of rows of cells; None is an empty cell."""

    rows: Sequence[Sequence[Any]]
    merged: Sequence[str] = ()
    hidden: Sequence[int] = ()
    state: str = "visible"


def workbook(*rows: Sequence[Any], **more: Any) -> bytes:
    """Return a workbook of one sheet."""
    return workbook_of({"Pedidos": Sheet(rows, **more)})


def workbook_of(sheets: Mapping[str, Sheet]) -> bytes:
    """Return a workbook of these sheets."""
    return packed(parts_of(sheets))


def parts_of(sheets: Mapping[str, Sheet]) -> dict[str, str]:
    """Return the parts of a workbook, before they are packed."""
    numbered = list(enumerate(sheets.items(), start=1))
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" state="{sheet.state}" r:id="rId{n}"/>'
        for n, (name, sheet) in numbered
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{_OF_DOCUMENT}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n, _ in numbered
    )
    links += f'<Relationship Id="rId0" Type="{_OF_DOCUMENT}/styles" Target="styles.xml"/>'
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml"'
        ' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        for n, _ in numbered
    )
    return {
        "[Content_Types].xml": f'{_HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml"'
        ' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        f"{types}</Types>",
        "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_LINKS}"><Relationship Id="rId1"'
        f' Type="{_OF_DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OF_DOCUMENT}">'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{_LINKS}">{links}</Relationships>',
        "xl/styles.xml": _STYLES,
        **{f"xl/worksheets/sheet{n}.xml": _sheet(sheet) for n, (_, sheet) in numbered},
    }


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    """Return the parts as an archive."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def _sheet(sheet: Sheet) -> str:
    rows = "".join(
        f'<row r="{line}"{" hidden=" + chr(34) + "1" + chr(34) if line in sheet.hidden else ""}>'
        + "".join(_cell(value, f"{letters(at)}{line}") for at, value in enumerate(row) if value is not None)
        + "</row>"
        for line, row in enumerate(sheet.rows, start=1)
    )
    merged = "".join(f'<mergeCell ref="{each}"/>' for each in sheet.merged)
    merged = f'<mergeCells count="{len(sheet.merged)}">{merged}</mergeCells>' if merged else ""
    return f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData>{merged}</worksheet>'


def _cell(value: object, address: str, formula: str = "") -> str:
    if isinstance(value, Formula):
        return _cell(value.value, address, f"<f>{escape(value.formula)}</f>")
    if isinstance(value, bool):
        return f'<c r="{address}" t="b">{formula}<v>{int(value)}</v></c>'
    if isinstance(value, datetime):
        return f'<c r="{address}" s="1">{formula}<v>{(value - _EPOCH).total_seconds() / 86_400!r}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{address}">{formula}<v>{value!r}</v></c>'
    if formula or (isinstance(value, str) and value.startswith("#")):
        kind = "e" if str(value).startswith("#") else "str"
        return f'<c r="{address}" t="{kind}">{formula}<v>{escape(str(value))}</v></c>'
    return f'<c r="{address}" t="inlineStr"><is><t xml:space="preserve">{escape(str(value))}</t></is></c>'
