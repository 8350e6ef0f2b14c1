"""A lifelike morning of reports: where people live, what they complain of, what phones do.

Proportions follow DOMAIN (demo realism): 暴露垃圾 about a third, 事件 about 87 % and 部件 13 %;
most reports come from compounds and streets of the county seat, most phones give GCJ-02.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry

from suishoupai.datum import to_gcj02

SAYINGS = {
    "06010": ("单元门口垃圾成堆，有异味", "垃圾桶满了，地上都是", "树下一堆垃圾没人收"),
    "06012": ("路面很脏，有积水和纸屑", "早市散了，路上全是菜叶"),
    "09005": ("饭店把桌子摆到人行道上了", "店门口货堆到路上"),
    "09006": ("三轮车占着非机动车道卖水果",),
    "09010": ("电动车把盲道停满了", "共享电单车堵住小区门"),
    "09012": ("消防通道停了两辆车", "私家车堵着消防通道"),
    "91001": ("楼道里堆了旧家具，下不去脚", "三楼楼道全是纸箱"),
    "91002": ("有人从窗户拉线给电动车充电",),
    "91003": ("有人把电动车推进电梯",),
    "92002": ("单元门锁坏了好几天", "小区路灯不亮"),
    "93001": ("两家为停车位吵起来了",),
    "96001": ("门卫不让外卖车进，绕了两公里", "导航指到后门，后门锁着"),
    "01003": ("井盖翘起来了，晚上很危险",),
    "01037": ("路灯三盏不亮",),
    "04002": ("行道树歪了，要倒到路上",),
    "03005": ("垃圾箱破了个洞",),
    "06013": ("路面有个大坑",),
    "10002": ("电线垂下来快碰到头了",),
}
"""Category → a few words as people send them."""

WEIGHTS = {
    "06010": 33,
    "06012": 9,
    "09005": 6,
    "09006": 6,
    "09010": 8,
    "09012": 5,
    "91001": 6,
    "91002": 4,
    "91003": 3,
    "92002": 4,
    "93001": 1,
    "96001": 2,
    "01003": 3,
    "01037": 4,
    "04002": 2,
    "03005": 1,
    "06013": 2,
    "10002": 1,
}
"""Category → share of a morning, in percent."""

IN_COMPOUND = 0.5
IN_TOWN = 0.35
"""Shares of reports from housing estates and from urban streets; the rest is rural."""
GCJ02_PHONES = 0.8


class Morning:
    """An endless, reproducible row of reports over a county's demo map."""

    def __init__(self, county: Path, seed: int) -> None:
        """Reads the demo map in ``county``; raises ``OSError`` when there is none."""
        self._random = random.Random(seed)  # noqa: S311 - reproducible, no secret
        grids = _features(county / "demo" / "grids.geojson")
        self._compounds = [area for _, area in _features(county / "demo" / "compounds.geojson")]
        self._urban = [area for properties, area in grids if properties["urban"]]
        self._rural = [area for properties, area in grids if not properties["urban"]]

    def reports(self, count: int) -> Iterator[dict[str, Any]]:
        """``count`` bodies for ``POST /issues``."""
        codes, weights = list(WEIGHTS), list(WEIGHTS.values())
        for _ in range(count):
            code = self._random.choices(codes, weights)[0]
            yield {
                "category": code,
                "description": self._random.choice(SAYINGS[code]),
                "location": self._location(),
            }

    def _location(self) -> dict[str, Any]:
        kind = self._random.random()
        if kind < IN_COMPOUND:
            areas = self._compounds
        else:
            areas = self._urban if kind < IN_COMPOUND + IN_TOWN else self._rural
        lng, lat = self._point(areas)
        if self._random.random() < GCJ02_PHONES:
            lng, lat = to_gcj02(lng, lat)
            return {"lng": round(lng, 6), "lat": round(lat, 6), "datum": "GCJ-02"}
        return {"lng": round(lng, 6), "lat": round(lat, 6), "datum": "WGS-84"}

    def _point(self, areas: Sequence[BaseGeometry]) -> tuple[float, float]:
        area = self._random.choice(areas)
        west, south, east, north = area.bounds
        while True:
            lng, lat = self._random.uniform(west, east), self._random.uniform(south, north)
            # Rounding to six digits (0.1 m) must not carry a point over the county's border.
            if area.buffer(-1e-6).contains(Point(lng, lat)):
                return lng, lat


def _features(path: Path) -> list[tuple[dict[str, Any], BaseGeometry]]:
    collection = json.loads(path.read_text(encoding="utf-8"))
    return [(row["properties"], shape(row["geometry"])) for row in collection["features"]]
