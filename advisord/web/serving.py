"""The pages of a running service, as its configuration has them: begun, begun again where they died, and ended."""
from __future__ import annotations

from pathlib import Path

import structlog

from advisord.errors import AdvisordError
from advisord.model import Listener
from advisord.web.app import app_of
from advisord.web.gate import Gate
from advisord.web.office import Office
from advisord.web.pages import Pages
from advisord.web.served import Served
from advisord.web.table import page_routes

log = structlog.get_logger("advisord.web")


class Serving:
    """What is served; `keep` is called again and again and never raises, so that alerts go on whatever the pages do."""

    def __init__(self, office: Office) -> None:
        """Nothing is served yet."""
        self._office = office
        self._page: Served | None = None
        self._as: tuple[Listener, tuple[str, ...]] | None = None

    def keep(self) -> None:
        """Serve what the configuration says, as it now stands."""
        settings = self._office.settings
        wanted = (settings.page, settings.templates_dirs)
        if self._page is not None and (self._as != wanted or not self._page.is_alive):
            self._page.stop()
            self._page = None
        if self._page is None and settings.page.enabled:
            self._page = self._begun(settings.page)
            self._as = wanted

    def stop(self) -> None:
        """End what is served."""
        if self._page is not None:
            self._page.stop()
            self._page = None

    def _begun(self, listener: Listener) -> Served | None:
        try:
            page = page_of(self._office, listener)
        except (AdvisordError, ValueError, OSError) as error:
            log.error("page_not_served", what="page", reason=str(error))  # noqa: TRY400
            return None
        return page if page.start() else None


def page_of(office: Office, listener: Listener) -> Served:
    """The officer's page, ready to be served; SeedError names a template that can't be compiled."""
    pages = Pages(tuple(Path(folder) for folder in office.settings.templates_dirs))
    gate = Gate(office, pages, listener)
    routes = page_routes(gate)
    pages.menu = tuple((route.nav, route.path) for route in routes if route.nav)
    return Served("page", app_of(routes, gate), listener)
