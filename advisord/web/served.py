"""An application on a thread and a loop of its own, so that no fault of it ever stops an alert."""
from __future__ import annotations

import socket
import threading

import structlog
import uvicorn
from starlette.applications import Starlette

from advisord.model import Listener

log = structlog.get_logger("advisord.web")

MOST_CONNECTIONS = 500
LAST_WORDS_S = 2  # that open answers get when the service ends


class Served:
    """One application being served; raises nothing once made."""

    def __init__(self, name: str, app: Starlette, listener: Listener) -> None:
        """Not served yet."""
        self._name = name
        self._listener = listener
        self._server = uvicorn.Server(uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="off", http="h11", ws="none", server_header=False,
            proxy_headers=False, limit_concurrency=MOST_CONNECTIONS, timeout_keep_alive=20,
            timeout_graceful_shutdown=LAST_WORDS_S, h11_max_incomplete_event_size=32 * 1024))
        self._thread: threading.Thread | None = None
        self._socket: socket.socket | None = None

    @property
    def is_alive(self) -> bool:
        """Whether it is being served at this moment."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> bool:
        """Begin serving; false where the address can't be had, which is logged and tried again later."""
        try:
            family = socket.AF_INET6 if ":" in self._listener.host else socket.AF_INET
            self._socket = socket.create_server((self._listener.host, self._listener.port), family=family)
        except OSError as error:
            log.error("page_not_served", what=self._name, host=self._listener.host,  # noqa: TRY400
                      port=self._listener.port, reason=error.strerror or str(error))
            return False
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()
        log.info("page_served", what=self._name, host=self._listener.host, port=self._listener.port)
        return True

    def stop(self) -> None:
        """End it within seconds, open answers and all."""
        if self._thread is not None:
            self._server.should_exit = True
            self._thread.join(LAST_WORDS_S + 3)
        if self._socket is not None:
            self._socket.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket] if self._socket else None)
