"""What a supervisor is told, in systemd's way (sd_notify): ready, alive, reloading, stopping."""
from __future__ import annotations

import socket
import time
from collections.abc import Mapping

READY, ALIVE, STOPPING = "READY=1", "WATCHDOG=1", "STOPPING=1"


class Supervisor:
    """Whoever started the service and wants to hear of it; nobody, where no one asked to."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """NOTIFY_SOCKET names the socket, WATCHDOG_USEC how often a sign of life is wanted at least."""
        self._address = environ.get("NOTIFY_SOCKET", "")
        wanted = environ.get("WATCHDOG_USEC", "")
        self.every_s = int(wanted) / 2e6 if wanted.isdecimal() and int(wanted) else None

    def tell(self, *words: str) -> bool:
        """Say it; false where nobody listens, which holds up nothing."""
        if not self._address.startswith(("/", "@")):
            return False
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as speaking:
                speaking.settimeout(1.0)
                speaking.connect(address)
                speaking.sendall("\n".join(words).encode())
        except OSError:
            return False
        return True

    def reloading(self) -> bool:
        """The configuration is being read again; READY follows."""
        return self.tell("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
