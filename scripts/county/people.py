"""Who is responsible and who walks the grids: parties and members, with synthetic names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from random import Random
from typing import Any

from scripts.county.places import Compound, Grid

Document = dict[str, Any]

COMPANIES = 40
COURIERS = 60

DEPARTMENTS = {
    "城管": ("chengguan", "城市管理部门"),
    "住建": ("zhujian", "住房和城乡建设部门"),
    "市政": ("shizheng", "市政养护单位"),
    "交警": ("jiaojing", "交通警察大队"),
    "环卫": ("huanwei", "环境卫生管理所"),
    "园林": ("yuanlin", "园林管理所"),
    "供电": ("gongdian", "供电公司"),
    "通信": ("tongxin", "通信运营单位"),
    "路灯": ("ludeng", "路灯管理所"),
    "消防": ("xiaofang", "消防救援大队"),
    "派出所": ("paichusuo", "公安派出所"),
    "公安": ("gongan", "公安局"),
    "水利": ("shuili", "水利部门"),
    "文化执法": ("wenhuazhifa", "文化市场综合执法队"),
    "排水": ("paishui", "排水管理所"),
    "市场监管": ("shichangjianguan", "市场监督管理部门"),
}
"""Duty, as the catalogue names it → id and name of the department that has it."""

FIRST = "汴虹泗清锦华安嘉瑞和"
SECOND = "河景苑城园湖庭府"
ESTATES = ("花园", "小区", "家园", "新村", "名邸")
FIRMS = "安居和顺泰康诚信恒永"


def compound_names(count: int) -> list[str]:
    """Distinct names of housing estates, marked as synthetic."""
    names = (f"{a}{b}{c}（示意）" for c, b, a in product(ESTATES, SECOND, FIRST))
    return [name for name, _ in zip(names, range(count), strict=False)]


def make_parties(county: Document) -> list[Document]:
    """Property companies, communities, towns and departments."""
    code = county["code"][:6]
    return [
        *_companies(code),
        *_territorial(county),
        *(
            _party(f"department-{key}", "department", f"泗县{name}（示意）", code, duty)
            for duty, (key, name) in sorted(DEPARTMENTS.items())
        ),
    ]


def _companies(county: str) -> Iterator[Document]:
    names = (f"{a}{b}物业服务有限公司（示意）" for a, b in product(FIRMS, FIRMS) if a < b)
    for number, name in zip(range(1, COMPANIES + 1), names, strict=False):
        yield _party(f"property-{number:03d}", "property", name, county, "物业")


def _territorial(county: Document) -> Iterator[Document]:
    for town in county["towns"]:
        for community in town["communities"]:
            key = f"community-{community['code']}"
            name = _committee(community)
            yield _party(key, "community", name, community["code"], "社区")
        yield _party(
            f"town-{town['code'][:9]}", "community", _office(town), town["code"][:9], "属地"
        )


def _committee(community: Document) -> str:
    """The name of a community's own body, from the statistical name of the community."""
    name = str(community["name"])
    for ending in ("村民委员会", "社区居民委员会"):
        if name.endswith(ending):
            return name
    if name.endswith("村委会"):
        return name.removesuffix("村委会") + "村村民委员会"
    if community["kind"] == "居委会/社区" and name.endswith("社区"):
        return f"{name}居民委员会"
    return f"{name}管理机构"


def _office(town: Document) -> str:
    name = str(town["name"])
    if town["kind"] == "街道":
        return f"{name}办事处"
    return f"{name}人民政府" if town["kind"] in ("镇", "乡") else name


def _party(key: str, kind: str, name: str, division: str, duty: str) -> Document:
    return {"id": key, "kind": kind, "name": name, "division": division, "duty": duty}


def companies_of(compounds: Sequence[Compound]) -> list[str]:
    """The company of each compound: neighbours are often run by the same one."""
    share = -(-len(compounds) // COMPANIES)
    return [f"property-{index // share + 1:03d}" for index in range(len(compounds))]


def make_members(grids: Sequence[Grid], random: Random) -> list[Document]:
    """A full-time member for each urban grid and each rural community; couriers in urban grids."""
    duties: dict[str, list[str]] = {}
    for grid in grids:
        duties.setdefault(grid.code if grid.urban else grid.community, []).append(grid.code)
    members = [
        _member(f"member-{number:04d}", f"网格员{number:04d}", "full-time", False, codes)
        for number, codes in enumerate(duties.values(), start=1)
    ]
    urban = [grid.code for grid in grids if grid.urban]
    for number in range(1, COURIERS + 1):
        codes = sorted(random.sample(urban, random.randint(1, 3)))
        name = f"骑手网格员{number:02d}"
        members.append(_member(f"courier-{number:02d}", name, "part-time", True, codes))
    return members


def _member(key: str, name: str, employment: str, courier: bool, grids: list[str]) -> Document:
    return {
        "id": key,
        "name": name,
        "employment": employment,
        "courier": courier,
        "grids": grids,
    }
