"""Every route of the page, in one table; what is not here is not served, and the tests try each row of it."""
from __future__ import annotations

from advisord.model import Role
from advisord.web import acting, chart, deciding, headcount, health, incident, incidents
from advisord.web.files import file_routes
from advisord.web.gate import Gate
from advisord.web.live import Tide
from advisord.web.login import Door
from advisord.web.route import Route, reads


def page_routes(gate: Gate) -> tuple[Route, ...]:
    """The officer's page; a page of its own adds its ROUTES here."""
    tide = Tide(gate.office.store)
    return (
        *Door(gate).routes(),
        *file_routes(),
        reads("/events", tide.stream, Role.VIEWER),
        *chart.ROUTES,
        *incidents.ROUTES,
        *incident.ROUTES,
        *acting.ROUTES,
        *deciding.ROUTES,
        *headcount.ROUTES,
        *health.PRIVATE,
    )
