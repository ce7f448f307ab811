"""The evaluation page: what a head of office reads, offline, and that names cannot break out of it."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from triage.errors import InputError, MissingExtraError
from triage.evaluation import CoveragePoint, EvaluationReport, evaluate
from triage.reporting import write_evaluation_page

NAMES = {"fees": "教育收费", "pay": "教师待遇", "integrity": "廉政建设", "not_edu": "非教育事项"}
CURVE = (CoveragePoint(0.25, 1.0, 0.97), CoveragePoint(0.65, 0.954, 0.81), CoveragePoint(1.0, 0.88, 0.3))


class Page(HTMLParser):
    """Collects the visible text, the tags and the addresses of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.words: list[str] = []
        self.scripts: list[str] = []
        self._inside = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._inside = tag
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href", "action", "data"}]

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        (self.scripts if self._inside == "script" else self.words).append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.words))


@pytest.fixture
def report() -> EvaluationReport:
    labels = ["fees"] * 40 + ["pay"] * 30 + ["integrity"] * 2 + ["not_edu"] * 8
    guesses = [0] * 33 + [1] * 7 + [1] * 29 + [0] + [0, 1] + [3] * 7 + [0]
    confident = np.random.default_rng(0).uniform(0.4, 1.0, len(labels))
    probabilities = np.repeat((1 - confident)[:, None] / 3, 4, axis=1)
    probabilities[np.arange(len(labels)), guesses] = confident
    return evaluate(
        labels=labels,
        probabilities=probabilities,
        categories=tuple(NAMES),
        method="5 折交叉验证",
        out_of_scope=frozenset({"not_edu"}),
        n_bootstrap=50,
    )


def page_of(report: EvaluationReport, folder: Path, names: dict[str, str] = NAMES, title: str = "模型评估") -> Page:
    path = folder / "评估.html"
    write_evaluation_page(report, names=names, path=path, title=title, subtitle=["版本 7", "来源 <市长信箱>"])
    return Page(path.read_text(encoding="utf-8"))


def test_the_page_tells_the_figures_in_plain_chinese(report: EvaluationReport, tmp_path: Path) -> None:
    text = page_of(report, tmp_path).text
    for words in (
        "模型评估",
        "版本 7",
        "来源 <市长信箱>",
        "5 折交叉验证",
        "共 80 件留言",
        "95% 置信区间",
        *NAMES.values(),
    ):
        assert words in text
    assert "准确率86.2%" in text
    assert f"{100 * report.accuracy.low:.1f}–{100 * report.accuracy.high:.1f}%" in text
    assert "本局事项准确率86.1%" in text
    assert "只计属于本局的留言，不计“非教育事项”。" in text
    for heading in ("宏平均F1", "前三命中率", "校准误差"):
        assert re.search(rf"{heading}\d+\.\d%", text)


def test_the_page_names_the_most_common_mistake(report: EvaluationReport, tmp_path: Path) -> None:
    assert "“教育收费”被判为“教师待遇”，7 件。" in page_of(report, tmp_path).text
    faultless = replace(report, confusion=((40, 0, 0, 0), (0, 30, 0, 0), (0, 0, 2, 0), (0, 0, 0, 8)))
    assert "没有判错的留言。" in page_of(faultless, tmp_path).text


def test_a_score_without_a_denominator_is_a_dash_and_a_small_count_is_marked(
    report: EvaluationReport, tmp_path: Path
) -> None:
    text = page_of(report, tmp_path).text
    assert "廉政建设2 *–0.0%0.0–0.0%0.0%" in text
    assert "教育收费40" in text
    assert "教育收费40 *" not in text


@pytest.mark.parametrize(
    ("curve", "sentence"),
    [
        (
            CURVE,
            "自动处理最有把握的 65.0% 时，准确率 95.4%；其余 35.0% 交人工复核。把握的门槛约为 0.81。",
        ),
        ((*CURVE[:2], CoveragePoint(1.0, 0.96, 0.3)), "全部自动处理时，准确率 96.0%，已达到 95%。"),
        (
            (CoveragePoint(0.25, 0.9, 0.97), CoveragePoint(1.0, 0.7, 0.3)),
            "即使只自动处理最有把握的 25.0%，准确率也只有 90.0%，不到 95%；目前每件都应有人复核。",
        ),
    ],
)
def test_the_page_says_how_much_can_be_left_to_the_machine(
    report: EvaluationReport, tmp_path: Path, curve: tuple[CoveragePoint, ...], sentence: str
) -> None:
    assert sentence in page_of(replace(report, coverage_curve=curve), tmp_path).text


def test_accuracy_in_scope_is_told_only_where_something_is_out_of_scope(
    report: EvaluationReport, tmp_path: Path
) -> None:
    all_ours = replace(report, out_of_scope=())
    assert "本局事项准确率" not in page_of(all_ours, tmp_path).text
    none_ours = replace(report, in_scope_accuracy=None)
    assert "本局事项准确率–只计属于本局的留言" in page_of(none_ours, tmp_path).text


def test_the_page_asks_nothing_of_the_internet(report: EvaluationReport, tmp_path: Path) -> None:
    page = page_of(report, tmp_path)
    assert page.addresses == []
    assert "link" not in page.tags
    assert sum("plotly.js v" in script for script in page.scripts) == 1
    assert sum("Plotly.newPlot(" in script and len(script) < 50_000 for script in page.scripts) == 3


def test_names_stay_text_whatever_they_hold(report: EvaluationReport, tmp_path: Path) -> None:
    plain = page_of(report, tmp_path)
    evil = "</script><script>alert(1)</script>"
    page = page_of(report, tmp_path, names=NAMES | {"fees": evil, "not_edu": "<b>$title & 甲"}, title=evil)
    assert page.tags == plain.tags
    assert page.text.count(evil) >= 3
    assert "<b>$title & 甲" in page.text


def test_an_id_without_a_name_stands_for_itself(report: EvaluationReport, tmp_path: Path) -> None:
    names = {"pay": "教师待遇"}
    assert "not_edu" in page_of(report, tmp_path, names=names).text


def test_the_same_report_makes_the_same_page(report: EvaluationReport, tmp_path: Path) -> None:
    pages = []
    for _ in range(2):
        page_of(report, tmp_path)
        pages.append((tmp_path / "评估.html").read_bytes())
    assert pages[0] == pages[1]


def test_an_older_page_gives_way_and_nothing_else_is_left(report: EvaluationReport, tmp_path: Path) -> None:
    path = tmp_path / "评估.html"
    path.write_text("旧", encoding="utf-8")
    page_of(report, tmp_path)
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert [entry.name for entry in tmp_path.iterdir()] == ["评估.html"]


def test_a_failure_while_writing_leaves_the_older_page_whole(
    report: EvaluationReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "评估.html"
    path.write_text("旧", encoding="utf-8")

    def full_disk(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(InputError) as caught:
        page_of(report, tmp_path)
    assert str(caught.value) == (
        f"{path}: The page cannot be written: No space left on device. "
        "Choose a folder that exists and may be written to, and close the old page."
    )
    assert path.read_text(encoding="utf-8") == "旧"
    assert [entry.name for entry in tmp_path.iterdir()] == ["评估.html"]


def test_a_missing_folder_is_told(report: EvaluationReport, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="The page cannot be written: No such file or directory"):
        page_of(report, tmp_path / "nowhere")


def test_a_missing_plotly_is_told_before_anything_is_written(
    report: EvaluationReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "plotly", None)
    with pytest.raises(MissingExtraError) as caught:
        page_of(report, tmp_path)
    assert str(caught.value) == (
        "The evaluation page needs the package plotly, which is not installed. "
        "Install it with: pip install 'petition-triage[reports]'"
    )
    assert list(tmp_path.iterdir()) == []
