"""The dead-man switch: one GET of an address of the operator's, which says that the service lives."""
from __future__ import annotations

import ssl
import time

import httpcore

from advisord import __version__
from advisord.addresses import AddressRefusedError, parsed_url
from advisord.network import Allowance, GuardedNetwork

DEADLINE_S = 10.0
ANSWER = 64 * 1024  # bytes that an answer may take
OK = 2


def ping(address: str) -> str | None:
    """Why it was not heard, null where it was. The address stands in no message: whoever knows it can say we live."""
    try:
        url = parsed_url(address)
        host, port = url.host, url.port or (443 if url.scheme == "https" else 80)
        network = GuardedNetwork(Allowance(time.monotonic() + DEADLINE_S, ANSWER),
                                 private_hosts=frozenset({(host, port)}))
        with httpcore.ConnectionPool(ssl.create_default_context(), max_keepalive_connections=0,
                                     network_backend=network) as pool:
            response = pool.handle_request(httpcore.Request("GET", str(url), headers=[
                (b"Host", url.netloc), (b"User-Agent", f"advisord/{__version__}".encode()),
                (b"Connection", b"close")]))
            status = response.status
            response.close()
    except AddressRefusedError:
        return "its address is refused"
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
        return f"can't be reached ({type(error).__name__})"
    return None if status // 100 == OK else f"HTTP {status}"
