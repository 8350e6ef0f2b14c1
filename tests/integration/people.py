"""The people of one compound and those around them, each with an account."""

from dataclasses import dataclass

DEPARTMENT = "department-huanwei"
MARKET = "department-shichangjianguan"


@dataclass(frozen=True)
class People:
    """Names of accounts."""

    member: str = "member"
    resident: str = "resident"
    handler: str = "handler"
    dispatcher: str = "dispatcher"
    supervisor: str = "supervisor"
    admin: str = "admin"
    department: str = "department"
    """Handles for the sanitation department."""
    market: str = "market"
    """Handles for the market supervision department."""
    stranger: str = "stranger"
    """Handles for another property company."""
    elsewhere: str = "elsewhere"
    """Dispatches in another community."""
    neighbour: str = "neighbour"
    """Another resident."""
    town: str = "town-supervisor"


def people_around(world, compound):
    """Everybody a story of this compound needs."""
    grid = compound["grids"][0]
    people = People()
    world.account(people.department, "handler", party=DEPARTMENT)
    world.account(people.market, "handler", party=MARKET)
    other = "property-002" if compound["property"] == "property-001" else "property-001"
    world.account(people.stranger, "handler", party=other)
    world.account(people.elsewhere, "dispatcher", division="341324101201", party="community-x")
    world.account(people.neighbour, "reporter")
    world.account(people.town, "supervisor", division=grid[:9])
    return people
