"""`store:` of advisord.yaml -> an SQLAlchemy URL."""
from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from advisord.settings.page import Page
from advisord.settings.shape.main import MainFile

_SERVERS = ("postgresql", "postgres", "postgresql+psycopg")


def store_url(page: Page[MainFile] | None, written: str, folder: Path) -> str:
    """The URL of a file (relative to the folder) or of a PostgreSQL database; tells what can't be one."""
    if "://" not in written:
        return f"sqlite:///{folder / written}"
    scheme, _, rest = written.partition("://")
    fault = _fault(written, scheme)
    if fault and page:
        page.fault(("store",), fault)
    return f"postgresql+psycopg://{rest}" if scheme in _SERVERS else written


def _fault(written: str, scheme: str) -> str | None:
    try:
        parts = urlsplit(written)
        password, _ = parts.password, parts.port
    except ValueError:
        return "is no address of a database (write postgresql://user@host/database)"
    if scheme == "sqlite":
        return "is written as the name of a file alone, such as state/advisord.db"
    if scheme not in _SERVERS:
        return f"names a database of the kind '{scheme}'; SQLite (a file) and postgresql:// are supported"
    if password or "password=" in parts.query:
        return "holds a password; use PGPASSWORD, PGPASSFILE or ?passfile=/run/secrets/pgpass"
    return None if parts.path.strip("/") else "names no database (write postgresql://user@host/database)"
