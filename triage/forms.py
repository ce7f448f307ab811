"""A case in the words that a clerk reads."""

from __future__ import annotations

import math
from collections.abc import Mapping

from triage.config import Config, Taxonomy
from triage.errors import ConfigError
from triage.schema import NATURE_NAMES, Case, Formality, Level, ReviewReason
from triage.signals import JOINT, main_place
from triage.tables import Cell, OutputColumn
from triage.text import mask

PERSONS_CATEGORY = "人工类别"
"""The column of a person's own category."""
SHOWN_WORDS = 6
SHOWN_ALTERNATIVES = 2
LEAST_SHOWN = 0.01
"""Confidence below which an alternative is not worth a clerk's reading."""

REASON_WORDS: Mapping[ReviewReason, str] = {
    ReviewReason.URGENT: "紧急",
    ReviewReason.WATCHED: "可能紧急",
    ReviewReason.CONFLICT: "检举控告，须回避",
    ReviewReason.UNPROVEN: "这一类尚未证明可以自动分派",
    ReviewReason.LOW_CONFIDENCE: "把握不足",
    ReviewReason.CLOSE_SECOND: "两个类别难分",
    ReviewReason.UNKNOWN_WORDS: "生词太多",
    ReviewReason.SHORT_TEXT: "内容太短",
    ReviewReason.UNCLEAR_JURISDICTION: "涉及多个属地",
    ReviewReason.UNKNOWN_LABEL: "人工填写无法识别",
}
LEVEL_WORDS: Mapping[Level, str] = {Level.CITY: "市局", Level.COUNTY: "县（市、区）", Level.SCHOOL: "市直学校"}
FORMALITY_WORDS: Mapping[Formality, str] = {
    Formality.NAME: "姓名",
    Formality.ADDRESS: "住址或联系方式",
    Formality.REQUEST: "诉求",
}

_CATEGORY = OutputColumn("类别", 12)
_BEFORE_DUE = (
    OutputColumn("置信度", 8),
    OutputColumn("判定", 8),
    OutputColumn("次要类别", 14),
    OutputColumn("备选", 26),
    OutputColumn("依据", 30, wrap=True),
    OutputColumn("性质", 10),
    OutputColumn("紧急", 8),
    OutputColumn("主办", 20),
    OutputColumn("协办", 20),
    OutputColumn("层级", 12),
    OutputColumn("接收单位", 20),
    OutputColumn("属地", 12),
    OutputColumn("学校", 22),
    OutputColumn("分派依据", 30, wrap=True),
    OutputColumn("回避", 30, wrap=True),
    OutputColumn("密件", 6),
)
_AFTER_DUE = (
    OutputColumn("期限依据", 40, wrap=True),
    OutputColumn("人数", 8),
    OutputColumn("缺少要件", 16),
    OutputColumn("需人工复核", 12),
    OutputColumn("复核原因", 24),
    OutputColumn("退办草稿", 40, wrap=True),
    # What stood in 类别 when it was written: a change that a clerk makes there can be told from it.
    OutputColumn("机器类别", 12),
)
URGENT_COLUMNS = (
    OutputColumn("编号", 14),
    OutputColumn("事由", 36, wrap=True),  # no name of a title, or the list would be read as letters
    OutputColumn("类别", 12),
    OutputColumn("主办", 20),
    OutputColumn("接收单位", 20),
    OutputColumn("属地", 12),
    OutputColumn("危险迹象", 30, wrap=True),
    OutputColumn("最早期限", 12),
)
"""What the list of the urgent says of each."""


def persons_column(taxonomy: Taxonomy) -> OutputColumn:
    """The column in which a person may write another category, with the names to choose from."""
    return OutputColumn(PERSONS_CATEGORY, 12, choices=tuple(each.name for each in taxonomy.categories))


class Form:
    """Puts cases into cells, by the names that the bureau has given to things.

    `asks` says whether there is an empty column for a person's category, which a table may have already.

    Raises `ConfigError` where a clock has the name of another column.
    """

    def __init__(self, config: Config, *, asks: bool = True) -> None:
        self._asked = (persons_column(config.taxonomy),) if asks else ()
        self._categories = {category.id: category.name for category in config.taxonomy.categories}
        self._offices = {office.id: office.name for office in config.offices}
        self._jurisdictions = {each.id: each.name for each in config.jurisdictions}
        self._due_names = tuple(dict.fromkeys(clock.name for clock in config.clocks))
        others = {PERSONS_CATEGORY, *(column.name for column in (_CATEGORY, *_BEFORE_DUE, *_AFTER_DUE))}
        taken = others.intersection(self._due_names)
        if taken:
            raise ConfigError(
                f"A clock has the name {min(taken)}, which is that of another column.",
                where="clocks.toml",
                fix="Give the clock another name.",
            )

    @property
    def columns(self) -> tuple[OutputColumn, ...]:
        """What stands to the right of the original columns; a column for each name of the bureau's clocks."""
        due = (OutputColumn(name, 12) for name in self._due_names)
        return (_CATEGORY, *self._asked, *_BEFORE_DUE, *due, *_AFTER_DUE)

    def cells(self, case: Case) -> list[Cell]:
        """The cells of `columns`."""
        prediction, route = case.prediction, case.route
        due = {each.name: each.day for each in case.due}
        return [
            self._categories[case.category],
            *("" for _ in self._asked),
            shown_confidence(case.confidence),
            decided_by(case),
            "、".join(self._categories[each] for each in prediction.secondary if each != case.category),
            self._alternatives(case),
            "、".join(_spoken_words(case)) if case.category == prediction.primary else "",
            NATURE_NAMES[case.nature],
            "紧急" if case.urgent else "",
            self._offices[route.lead],
            "、".join(self._offices[office] for office in route.co),
            LEVEL_WORDS[route.level],
            route.receiver,
            self.place(case),
            "、".join(dict.fromkeys(school.name for school in case.signals.schools)),
            route.basis,
            route.stop,
            "是" if route.sealed else "",
            *(due[name].isoformat() if name in due else "" for name in self._due_names),
            "；".join(f"{each.name}：{each.basis}" for each in case.due),
            _people(case.signals.people),
            "、".join(FORMALITY_WORDS[each] for each in case.signals.missing),
            "是" if case.review else "",
            "；".join(REASON_WORDS[reason] for reason in case.review),
            case.draft,
            self._categories[case.category],
        ]

    def urgent_cells(self, case: Case) -> list[Cell]:
        """The cells of `URGENT_COLUMNS`."""
        return [
            case.message.id,
            case.message.title,
            self._categories[case.category],
            self._offices[case.route.lead],
            case.route.receiver,
            self.place(case),
            danger_words(case),
            min(each.day for each in case.due).isoformat() if case.due else "",
        ]

    def place(self, case: Case) -> str:
        """The jurisdictions of a case, else the place that it names."""
        known = [self._jurisdictions[each] for each in case.signals.jurisdictions]
        if known:
            return "、".join(known)
        place = main_place(case.signals.places)
        return place.name if place else ""

    def _alternatives(self, case: Case) -> str:
        others = [
            each
            for each in case.prediction.ranked[: SHOWN_ALTERNATIVES + 1]
            if each.category != case.category and each.confidence >= LEAST_SHOWN
        ]
        shown = others[:SHOWN_ALTERNATIVES]
        return "；".join(f"{self._categories[each.category]} {each.confidence:.2f}" for each in shown)


def decided_by(case: Case) -> str:
    """Who decided the category: a person, a rule of the bureau, or the model."""
    return "人工" if case.decided.category else "规则" if case.ruled else "模型"


def danger_words(case: Case) -> str:
    """The different signs of danger, without the numbers of people that may stand between their words."""
    return "、".join(dict.fromkeys(mask(each.name) for each in case.signals.dangers))


def shown_confidence(confidence: float) -> float:
    """The confidence rounded down to three places, so that no guess looks certain."""
    return math.floor(confidence * 1000) / 1000


def _people(count: int | None) -> Cell:
    """信访工作条例 article 20 has a joint visit send five people at most."""
    if count is None:
        return ""
    return f"{count}（联名）" if count >= JOINT else count


def _spoken_words(case: Case) -> list[str]:
    """The strongest different words for the category, in order of strength; single characters say too little."""
    totals: dict[str, float] = {}
    for each in case.prediction.evidence:
        totals[each.words] = totals.get(each.words, 0.0) + each.weight
    strongest = sorted(((weight, word) for word, weight in totals.items() if weight > 0), reverse=True)
    return [word for _, word in strongest if len(word) > 1 and any(map(str.isalnum, word))][:SHOWN_WORDS]
