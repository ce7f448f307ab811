"""A hand-over sheet as a Word document that Word and WPS open, in the form of an official paper (GB/T 9704)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from docx import Document
from docx.document import Document as DocumentFile
from docx.enum.table import WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.text.font import CT_RPr
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from triage.handover.cases import Deadline, HandoverCase
from triage.handover.sheets import HandoverSheet
from triage.tables.sinks import xlsx_text

TITLE = "信访事项转办单"
ACCUSATION_NOTE = (
    "本单含检举控告事项，只供主办单位使用。确需转交的，按件拆开单独转交，不得整单外传，"
    "不得将检举材料及有关情况透露或者转给被检举、控告的人员或者单位（信访工作条例第三十条）。"
)
SEALED_NOTE = "本单所列为密件，由主办单位拆阅，不得转交其他单位和人员。"

_BODY, _HEADING, _TITLE_FONT, _LATIN = "仿宋", "黑体", "宋体", "Times New Roman"
_SIZE, _TITLE_SIZE = Pt(12), Pt(22)
_RED = RGBColor(0xC0, 0x00, 0x00)
_SHADE = "E7E6E6"
_WIDTHS = (Mm(22), Mm(57), Mm(22), Mm(55))
"""Columns of a table; together the 156 mm between the margins of an A4 sheet."""
_TALL, _MIDDLE = Mm(18), Mm(9)
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of a table: one label with what it says, or two."""

    label: str
    words: str
    second_label: str = ""
    second_words: str = ""
    emphasis: bool = False
    height: Mm | None = None
    together: bool = True
    """Whether it stays on one page with the line below."""


def render_sheet(sheet: HandoverSheet, *, bureau: str) -> bytes:
    """The document of a sheet; the same sheet gives the same bytes, which name nobody as their author.

    Fonts are named and not embedded: where one is missing, the reader's program puts another in its place.
    """
    document = Document()
    _set_up_page(document)
    _set_up_fonts(document)
    _describe(document, sheet, bureau)
    _add_paragraph(
        document, f"{bureau}{TITLE}", font=_TITLE_FONT, size=_TITLE_SIZE, bold=True, centred=True, after=Pt(10)
    )
    for note in _notes(sheet):
        _add_paragraph(document, note, font=_HEADING, color=_RED, after=Pt(6))
    _add_table(document, _sheet_lines(sheet))
    after_accusation = False
    for place, case in enumerate(sheet.cases, start=1):
        # An accusation shares no page with another case, so that any of them can be passed on alone.
        apart = not sheet.sealed and place > 1 and (case.accusation or after_accusation)
        _add_gap(document, new_page=apart)
        _add_table(document, _case_lines(case, sheet.on), heading=_case_heading(place, case), urgent=case.urgent)
        after_accusation = case.accusation
    _add_paragraph(document, bureau, right=True, before=Pt(18))
    _add_paragraph(document, _chinese_day(sheet.on), right=True)
    return _fixed_bytes(document)


def _notes(sheet: HandoverSheet) -> Iterable[str]:
    if sheet.sealed:
        yield SEALED_NOTE
    elif sheet.accusations:
        yield ACCUSATION_NOTE


def _sheet_lines(sheet: HandoverSheet) -> list[_Line]:
    urgent = sum(case.urgent for case in sheet.cases)
    count = f"{len(sheet.cases)} 件" + (f"，其中紧急 {urgent} 件" if urgent else "")
    lines = [
        _Line("编号", sheet.number),
        _Line("主办", sheet.lead.name, "日期", _chinese_day(sheet.on)),
        _Line("件数", count),
    ]
    if sheet.co:
        lines.append(_Line("协办", "、".join(sheet.co)))
    return [*lines, _Line("接收单位", "、".join(sheet.receivers))]


def _case_heading(place: int, case: HandoverCase) -> str:
    return f"{place}．留言编号 {case.id}{'　【紧急】' if case.urgent else ''}"


def _case_lines(case: HandoverCase, on: date) -> list[_Line]:
    received = _chinese_day(case.received) if case.received else ""
    lines = [
        _Line("渠道", case.channel, "收到日期", received),
        _Line("类别", case.category, "性质", case.nature),
        _Line("紧急", "紧急" if case.urgent else "否", "来信人", case.sender),
        _Line("属地", case.place, "学校", case.schools),
        _Line("接收单位", case.receiver, "协办", "、".join(case.co)),
        _Line("分派依据", case.basis),
        _Line("摘要", case.summary),
    ]
    if case.deadlines:
        lines.append(_Line("办理时限", "\n".join(_deadline_words(each, on) for each in case.deadlines)))
    if case.stop:
        lines.append(_Line("回避", case.stop, emphasis=True))
    # A page may end where the facts do, and nowhere else.
    lines[-1] = replace(lines[-1], together=False)
    return [*lines, *(_return_lines(case) if case.returned else _reply_lines())]


def _return_lines(case: HandoverCase) -> list[_Line]:
    """What is said to the writer of a letter that is not the bureau's, and what is filled in by hand."""
    return [
        _Line("退办意见", case.draft or "（没有草稿，请核定有权处理的机关）", height=_TALL),
        _Line("承办人", "", "退回日期", "", height=_MIDDLE),
        _Line("实际去向", "", height=_MIDDLE),
        _Line("签字", "", height=_MIDDLE),
    ]


def _reply_lines() -> list[_Line]:
    """What the office that handles the case fills in by hand."""
    return [
        _Line("承办人", "", "答复日期", "", height=_MIDDLE),
        _Line("办理情况", "", height=_TALL),
        _Line("办理结果", "", height=_TALL),
        _Line("是否属实", "属实□ 部分属实□ 不属实□", "公开与否", "公开□ 不公开□", height=_MIDDLE),
        _Line("签字", "", height=_MIDDLE),
    ]


def _deadline_words(deadline: Deadline, on: date) -> str:
    overdue = "（已过期）" if deadline.day < on else ""
    basis = f"，{deadline.basis}" if deadline.basis else ""
    return f"{deadline.name}：{_chinese_day(deadline.day)}{overdue}{basis}"


def _chinese_day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _set_up_page(document: DocumentFile) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(25)
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _style(footer.add_run("— "), _TITLE_FONT, Pt(14))
    _add_page_number(footer)
    _style(footer.add_run(" —"), _TITLE_FONT, Pt(14))


def _add_page_number(paragraph: Paragraph) -> None:
    for kind, code in (("begin", ""), ("", "PAGE"), ("separate", ""), ("shown", "1"), ("end", "")):
        run = _style(paragraph.add_run("1" if kind == "shown" else ""), _TITLE_FONT, Pt(14))
        if code == "PAGE":
            element = OxmlElement("w:instrText")
            element.text = code
            run._r.append(element)
        elif kind != "shown":
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
            run._r.append(element)


def _set_up_fonts(document: DocumentFile) -> None:
    style = document.styles["Normal"]
    style.font.size = _SIZE
    _name_fonts(style.element.get_or_add_rPr(), _BODY)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "en-US")
    # Without it some programs show the Japanese forms of characters.
    language.set(qn("w:eastAsia"), "zh-CN")
    style.element.get_or_add_rPr().append(language)


def _name_fonts(properties: CT_RPr, font: str) -> None:
    fonts = properties.get_or_add_rFonts()
    for script, name in (("ascii", _LATIN), ("hAnsi", _LATIN), ("cs", _LATIN), ("eastAsia", font)):
        fonts.set(qn(f"w:{script}"), name)
    # Brackets and quotation marks belong to both scripts: here they are Chinese.
    fonts.set(qn("w:hint"), "eastAsia")


def _describe(document: DocumentFile, sheet: HandoverSheet, bureau: str) -> None:
    """Fill in what the document says of itself: nothing of the computer or of who uses it."""
    about, moment = document.core_properties, datetime(sheet.on.year, sheet.on.month, sheet.on.day)
    about.author = about.last_modified_by = xlsx_text(bureau)
    about.title, about.comments, about.language = f"{TITLE} {sheet.number}", "", "zh-CN"
    about.created = about.modified = moment
    about.revision = 1


def _style(run: Run, font: str, size: Pt, *, bold: bool = False, color: RGBColor | None = None) -> Run:
    _name_fonts(run._r.get_or_add_rPr(), font)
    run.font.size, run.font.bold = size, bold
    if color is not None:
        run.font.color.rgb = color
    return run


def _add_paragraph(
    document: DocumentFile,
    words: str,
    *,
    font: str = _BODY,
    size: Pt = _SIZE,
    bold: bool = False,
    color: RGBColor | None = None,
    centred: bool = False,
    right: bool = False,
    before: Pt | None = None,
    after: Pt | None = None,
) -> None:
    paragraph = document.add_paragraph()
    if centred or right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if centred else WD_ALIGN_PARAGRAPH.RIGHT
    paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = before or Pt(0), after or Pt(0)
    _style(paragraph.add_run(xlsx_text(words)), font, size, bold=bold, color=color)


def _add_gap(document: DocumentFile, *, new_page: bool) -> None:
    """What parts two tables; without a paragraph between them they would grow together."""
    paragraph = document.add_paragraph()
    form = paragraph.paragraph_format
    form.space_before, form.space_after, form.page_break_before = Pt(0), Pt(0), new_page
    _style(paragraph.add_run(), _BODY, Pt(8))


def _add_table(document: DocumentFile, lines: list[_Line], *, heading: str = "", urgent: bool = False) -> None:
    table = document.add_table(rows=0, cols=len(_WIDTHS), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for column, width in zip(table.columns, _WIDTHS, strict=True):
        column.width = width
    if heading:
        _add_heading(table, heading, _RED if urgent else None)
    for place, line in enumerate(lines, start=1):
        _add_line(table, line, together=line.together and place < len(lines))


def _add_heading(table: Table, words: str, color: RGBColor | None) -> None:
    row = _add_row(table)
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:tblHeader"))
    cell = row.cells[0].merge(row.cells[-1])
    shade = OxmlElement("w:shd")
    for key, value in (("val", "clear"), ("color", "auto"), ("fill", _SHADE)):
        shade.set(qn(f"w:{key}"), value)
    cell._tc.get_or_add_tcPr().append(shade)
    _fill(cell, words, font=_HEADING, color=color, together=True)


def _add_line(table: Table, line: _Line, *, together: bool) -> None:
    row = _add_row(table)
    if line.height is not None:
        row.height, row.height_rule = line.height, WD_ROW_HEIGHT_RULE.AT_LEAST
    _fill(row.cells[0], line.label, font=_HEADING, together=together)
    if line.second_label:
        words_cell = row.cells[1]
        _fill(row.cells[2], line.second_label, font=_HEADING, together=together)
        _fill(row.cells[3], line.second_words, together=together)
    else:
        words_cell = row.cells[1].merge(row.cells[3])
    _fill(words_cell, line.words, font=_HEADING if line.emphasis else _BODY, together=together)


def _add_row(table: Table) -> _Row:
    row: _Row = table.add_row()  # type: ignore[no-untyped-call]
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    for cell, width in zip(row.cells, _WIDTHS, strict=True):
        cell.width = width
    return row


def _fill(cell: _Cell, words: str, *, font: str = _BODY, color: RGBColor | None = None, together: bool) -> None:
    """Write into a cell, a paragraph a line; `together` keeps it on one page with the row below."""
    for place, line in enumerate(xlsx_text(words).split("\n")):
        paragraph = cell.add_paragraph() if place else cell.paragraphs[0]
        paragraph.paragraph_format.space_after = Pt(0)
        paragraph.paragraph_format.keep_with_next = together
        _style(paragraph.add_run(line), font, _SIZE, color=color)


def _fixed_bytes(document: DocumentFile) -> bytes:
    """The document with the same time on each of its parts, which would otherwise bear the time of writing."""
    saved, fixed = io.BytesIO(), io.BytesIO()
    document.save(saved)
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            part = zipfile.ZipInfo(name, _ZIP_TIME)
            part.compress_type, part.create_system = zipfile.ZIP_DEFLATED, 0
            target.writestr(part, source.read(name))
    return fixed.getvalue()
