"""access.yaml -> Access, and back for `advisord user`; the page's own keys of advisord.yaml -> Listener."""
from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from urllib.parse import urlsplit

from advisord.errors import SettingsError
from advisord.model import Access, Account, Listener
from advisord.settings.addresses import is_address, is_loopback
from advisord.settings.faults import Findings, in_order
from advisord.settings.page import Page, page
from advisord.settings.shape.access import AccessFile
from advisord.settings.shape.main import MainFile, PageShape

FILE = "access.yaml"
PRIVATE = 0o600
HEAD = """\
# yaml-language-server: $schema=schema/access.json
#
# Who may use the page. `advisord user add NAME --role officer` adds somebody, and writes this file anew: notes between
# its lines are not kept. All keys: docs/configuration.md
"""


def access_of(read: Page[AccessFile], file: FilePath) -> Access:
    """Who may use the page; tells names that stand twice and what anybody could read."""
    shape = read.sound
    known: set[str] = set()
    for place, one in enumerate(shape.accounts):
        if one.name in known:
            read.fault(("accounts", place, "name"), f"'{one.name}' has an account already")
        known.add(one.name)
        if one.password is None and shape.proxy is None:
            read.warn(("accounts", place), f"'{one.name}' has no password and there is no proxy, so can't log in")
    if shape.accounts and file.stat().st_mode & stat.S_IROTH:
        read.warn((), f"{file} can be read by everybody on this machine (chmod o= it)")
    for place, address in enumerate(shape.proxy.from_ if shape.proxy else ()):
        if not is_address(address):
            read.fault(("proxy", "from", place), f"{address!r} is not an IP address")
    return Access(
        accounts=tuple(Account(one.name, one.role, one.password, one.language, one.timezone)
                       for one in shape.accounts),
        proxy_from=tuple(shape.proxy.from_) if shape.proxy else (),
        proxy_header=shape.proxy.header if shape.proxy else None, two_people_above=shape.two_people_above)


def access_in(folder: FilePath, environ: Mapping[str, str]) -> Access:
    """Who may use the page, by the file alone; SettingsError with all its faults. Nobody, where the file is missing."""
    file = folder / FILE
    if not file.exists():
        return Access()
    findings = Findings()
    read = page(file, AccessFile, environ, findings)
    access = access_of(read, file) if read else Access()
    if findings.faults:
        raise SettingsError(in_order(findings.faults, (FILE,)))
    return access


def page_of(main: Page[MainFile] | None, shape: PageShape) -> Listener:
    """Where the page is served; tells an address that can't be listened on, or that all the network could reach."""
    if main is not None:
        if not is_loopback(shape.host) and not is_address(shape.host):
            main.fault(("page", "host"), f"{shape.host!r} is not an IP address of this machine (write 127.0.0.1)")
        elif not is_loopback(shape.host):
            main.warn(("page", "host"), "the page can be reached from the network without encryption; 127.0.0.1 and a "
                                        "proxy that speaks https keep passwords to those who type them")
        if shape.url is not None and not _is_origin(shape.url):
            main.fault(("page", "url"), "is not how a browser reaches a page (write https://desk.example.org)")
    return Listener(shape.host, shape.port, shape.url, enabled=shape.enabled)


def written(access: Access) -> str:
    """The file's text that says this."""
    lines = [HEAD, "accounts:" if access.accounts else "accounts: []"]
    for one in access.accounts:
        lines += [f"  - name: {_text(one.name)}", f"    role: {one.role}"]
        lines += [f"    {key}: {_text(value)}" for key, value in (
            ("password", one.password), ("language", one.language), ("timezone", one.timezone)) if value]
    if access.proxy_header:
        addresses = ", ".join(_text(one) for one in access.proxy_from)
        lines += ["proxy:", f"  from: [{addresses}]", f"  header: {_text(access.proxy_header)}"]
    if access.two_people_above is not None:
        lines.append(f"two_people_above: {access.two_people_above}")
    return "\n".join(lines) + "\n"


def write(file: FilePath, access: Access) -> None:
    """Put that file in the place of the one that is there, for its owner's eyes alone; OSError where it can't be."""
    unready = file.with_name(file.name + ".new")
    owner = file.stat() if file.exists() else None
    handle = os.open(unready, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, PRIVATE)
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        opened.write(written(access))
        opened.flush()
        if owner is not None and os.geteuid() == 0:  # root adds somebody; the service must still read it
            os.fchown(opened.fileno(), owner.st_uid, owner.st_gid)
        os.fsync(opened.fileno())
    unready.replace(file)


def with_account(accounts: Sequence[Account], account: Account) -> tuple[Account, ...]:
    """The accounts with that one in the place of its namesake, or at the end."""
    if any(one.name == account.name for one in accounts):
        return tuple(account if one.name == account.name else one for one in accounts)
    return (*accounts, account)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    secure = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    return secure and bool(parts.hostname) and parts.path in {"", "/"} and port != 0 and not (
        parts.query or parts.fragment or parts.username)
