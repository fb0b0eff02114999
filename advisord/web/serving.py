"""The pages of a running service, as its configuration has them: begun, begun again where they died, and ended."""
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import structlog

from advisord.advise.answers import Links
from advisord.errors import AdvisordError
from advisord.model import Listener, Settings
from advisord.web.answering import Desks
from advisord.web.app import app_of
from advisord.web.assets import ANSWERS, assets_of
from advisord.web.files import Files
from advisord.web.gate import Gate
from advisord.web.health import ROUTES
from advisord.web.office import Office
from advisord.web.pages import Pages
from advisord.web.served import Served
from advisord.web.table import page_routes

log = structlog.get_logger("advisord.web")

Made = Callable[[Office, Listener], Served]


class Kept:
    """One thing that is served while the configuration says so."""

    def __init__(self, name: str, made: Made) -> None:
        """Not served yet."""
        self._name = name
        self._made = made
        self._served: Served | None = None
        self._as: tuple[Listener, tuple[str, ...]] | None = None

    def keep(self, office: Office, listener: Listener, settings: Settings) -> None:
        """Serve it as it now should be."""
        wanted = (listener, settings.templates_dirs)
        if self._served is not None and (self._as != wanted or not self._served.is_alive):
            self.stop()
        if self._served is None and listener.enabled:
            self._served, self._as = self._begun(office, listener), wanted

    def stop(self) -> None:
        """End it."""
        if self._served is not None:
            self._served.stop()
            self._served = None

    def _begun(self, office: Office, listener: Listener) -> Served | None:
        try:
            served = self._made(office, listener)
        except (AdvisordError, ValueError, OSError) as error:
            log.error("page_not_served", what=self._name, reason=str(error))  # noqa: TRY400
            return None
        return served if served.start() else None


class Serving:
    """What is served; `keep` is called again and again and never raises, so that alerts go on whatever the pages do."""

    def __init__(self, office: Office, links: Callable[[Settings], Links | None]) -> None:
        """Nothing is served yet. `links` makes what reads the links of answers."""
        self._office = office
        self._page = Kept("page", page_of)
        self._watch = Kept("watch", watch_of)
        self._answers = Kept("answers", lambda office, listener: answers_of(office, listener, links))

    def keep(self) -> None:
        """Serve what the configuration says, as it now stands."""
        settings = self._office.settings
        self._page.keep(self._office, settings.page, settings)
        self._watch.keep(self._office, settings.watch.listener, settings)
        self._answers.keep(self._office, settings.answers, settings)

    def stop(self) -> None:
        """End what is served."""
        self._page.stop()
        self._answers.stop()
        self._watch.stop()


def page_of(office: Office, listener: Listener) -> Served:
    """The officer's page, ready to be served; SeedError names a template that can't be compiled."""
    pages = _pages(office)
    gate = Gate(office, pages, listener)
    routes = page_routes(gate)
    pages.menu = tuple((route.nav, route.path) for route in routes if route.nav)
    return Served("page", app_of(routes, gate), listener)


def watch_of(office: Office, listener: Listener) -> Served:
    """What monitoring asks, on an address of its own; there is nothing else on it."""
    gate = Gate(office, _pages(office), listener, has_logins=False)
    return Served("watch", app_of(ROUTES, gate), listener)


def answers_of(office: Office, listener: Listener, links: Callable[[Settings], Links | None]) -> Served:
    """What takes answers in, ready to be served; there is nothing else on it."""
    pages = _pages(office)
    gate = Gate(office, pages, listener, has_logins=False)
    desks = Desks(lambda: links(office.settings), pages)
    return Served("answers", app_of(desks.routes(Files(assets_of(names=ANSWERS))), gate), listener)


def _pages(office: Office) -> Pages:
    return Pages(tuple(Path(folder) for folder in office.settings.templates_dirs))
