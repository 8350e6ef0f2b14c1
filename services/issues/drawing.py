"""The life of a case as a page for people: its picture and its table, made from the table of the
program.

``python -m services.issues.drawing > docs/lifecycle.md`` writes it anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from services.issues.guards import GUARDS
from services.issues.lifecycle import SYSTEM, TRANSITIONS, Transition
from suishoupai.contracts.words import ACTION_EVENTS, ACTIONS, ENDED, ROLES, STATES

HEAD = """# 案件的一生 · The life of a case

由 `services/issues/lifecycle.py` 生成，请勿手改 · *made from the table, do not edit:*
`python -m services.issues.drawing > docs/lifecycle.md`"""

NOT_DRAWN = ("recall", "merge", "unmerge", "void")
"""Actions that lead out of nearly every state, and would hide all others."""

ROLE_NAMES = {**ROLES, SYSTEM: "系统"}

Step = tuple[str, frozenset[str], tuple[str, ...], tuple[str, ...], tuple[str, ...], int]
"""What rows have in common that differ in where they lead from and to only."""


def render() -> str:
    """The page in Markdown, with the picture in Mermaid."""
    parts = [HEAD, "## 图 · Picture", _picture(), "## 状态 · States", _states()]
    return "\n\n".join([*parts, "## 表 · Table", _table()]) + "\n"


def _picture() -> str:
    arrows: dict[tuple[str, str], list[str]] = {}
    for row in TRANSITIONS:
        if row.source != row.target and row.action not in NOT_DRAWN:
            names = arrows.setdefault((row.source or "[*]", row.target), [])
            if ACTIONS[row.action] not in names:
                names.append(ACTIONS[row.action])
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f'    state "{name} {state}" as {state}' for state, name in STATES.items()]
    lines += [
        f"    {source} --> {target}: {' / '.join(names)}"
        for (source, target), names in arrows.items()
    ]
    lines += [f"    {state} --> [*]" for state in ENDED if state != "closed"]
    lines.append("```")
    return "\n".join([*lines, "", _beside()])


def _beside() -> str:
    staying = dict.fromkeys(row.action for row in TRANSITIONS if row.source == row.target)
    names = "、".join(f"{ACTIONS[action]} `{action}`" for action in staying)
    return (
        f"未画出：不改变状态的 · *not drawn, for they change no state:* {names}；"
        "以及收回（回到已立案）、并案及其撤销、作废 · "
        "*and recalling (back to filed), merging, its undoing, and voiding.*"
    )


def _states() -> str:
    lines = ["| 状态 | State | |", "|---|---|---|"]
    lines += [
        f"| {name} | `{state}` | {'结束 · ended' if state in ENDED else ''} |"
        for state, name in STATES.items()
    ]
    return "\n".join(lines)


def _table() -> str:
    columns = "动作 Action|从 From|到 To|角色 Roles|必填 Needs|可填 Takes|不可 Not if|事件 Event"
    return "\n".join([f"|{columns}|", "|---" * 8 + "|", *_lines()])


def _lines() -> Iterator[str]:
    grouped: dict[Step, list[Transition]] = {}
    for row in TRANSITIONS:
        step = (row.action, row.roles, row.needs, row.takes, row.guards, row.photos)
        grouped.setdefault(step, []).append(row)
    for (action, roles, needs, takes, guards, photos), rows in grouped.items():
        staying = all(row.source == row.target for row in rows)
        targets = "–" if staying else _words(dict.fromkeys(row.target for row in rows))
        needed = [f"{name} ≥ {photos}" if name == "photos" and photos else name for name in needs]
        cells = [
            f"{ACTIONS[action]} `{action}`",
            "任何 any" if len(rows) == len(STATES) else _words(row.source or "–" for row in rows),
            targets,
            "、".join(name for role, name in ROLE_NAMES.items() if role in roles),
            ", ".join(needed),
            ", ".join(takes),
            "; ".join(GUARDS[name].says for name in guards),
            f"`{ACTION_EVENTS[action]}`",
        ]
        yield f"| {' | '.join(cells)} |"


def _words(states: Iterable[str]) -> str:
    return "、".join(STATES.get(state, state) for state in states)


if __name__ == "__main__":
    print(render(), end="")
