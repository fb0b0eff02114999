"""Named instants between two steps, at which the crash tests end the process; in the service they do nothing.

A point is an audit event of the interpreter. Nobody listens in the service, and no setting or variable makes it: only a
program that starts the service within itself, as tests/crash does, can add a listener.
"""
from __future__ import annotations

import sys

EVENT = "advisord.point"


def passing(name: str) -> None:
    """The work is between two steps, at the point of that name."""
    sys.audit(EVENT, name)
