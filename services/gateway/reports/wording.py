"""How the figures of a report are written on its page, and what is said of them. Pure functions."""

from __future__ import annotations

from typing import Any

NOTHING = "–"
"""Where nothing is known."""
DIRECTIONS = {"up": "↑", "down": "↓", "same": "＝", "unknown": ""}

METHOD = (
    "环比：与上一个月同一段日历时间相比；同比：与一年前同一段时间相比。尚无数据的时期写作“–”。",
    "件数的变化按比例计，指标的变化按百分点计，得分的变化按分计。",
    "一个案件按它所属集合的时刻计入（上报时、派遣时、时限或处置时、结案时、评价时）；"
    "迟到的事件、并案、改类、重开会改动过去，所以日后查询的数字可能与本报告不同：以生成时间为准。",
    "“无…率”“未…率”的值是 1 − 分子 ÷ 分母；其余指标是分子 ÷ 分母。",
    "指标用区间最后一天有效的公式版本，见下表；公式与来源是数据（data/indicators.json），不是官方标准。",
    "排名只在同类单位之间；案件太少或没有数据的单位不排名，并说明原因。",
    "保密案件计入数字，但本报告不含任何案件、上报人或地点。",
)
"""How to read it, and where the figures come from."""


def count(value: float | None) -> str:
    """A number of cases: ``1,234``."""
    return NOTHING if value is None else f"{value:,.0f}"


def share(value: float | None) -> str:
    """A share: ``87.5%``."""
    return NOTHING if value is None else f"{value:.1%}"


def score(value: float | None) -> str:
    """A score out of 100: ``92.31``."""
    return NOTHING if value is None else f"{value:.2f}"


VALUES = {"count": count, "indicator": share, "score": score}
"""Kind of figure → how its value is written."""

CHANGES = {"count": (100, 1, "%"), "indicator": (100, 1, " 个百分点"), "score": (1, 2, " 分")}
"""Kind of figure → what its change is multiplied by, how many decimals it has, and its unit."""


def change(kind: str, compared: dict[str, Any]) -> str:
    """A change with its direction: ``↑ 12.5%`` of a count, ``↓ 1.2 个百分点`` of an indicator."""
    amount = compared["change"]
    if compared["direction"] == "unknown":
        return NOTHING
    arrow = DIRECTIONS[compared["direction"]]
    if amount is None or compared["direction"] == "same":
        return arrow
    factor, decimals, unit = CHANGES[kind]
    least, told = 10**-decimals, abs(amount) * factor
    # An arrow beside a zero would contradict itself.
    written = f"{told:.{decimals}f}" if told >= least / 2 else f"<{least:.{decimals}f}"
    return f"{arrow} {written}{unit}"
