"""`advisord user`: who may log in to the page."""
from __future__ import annotations

import sys
from pathlib import Path

import click
from pydantic import ValidationError

from advisord.cli.options import CONFIG, environment, folder_of
from advisord.errors import SettingsError
from advisord.model import Access, Account, Role
from advisord.settings.access import FILE, access_in, with_account, write
from advisord.settings.shape.access import AccountShape
from advisord.settings.wording import words_of
from advisord.web.passwords import SHORTEST, hashed

RELOAD = "The running service takes it at its next reload (SIGHUP, systemctl reload advisord)."


@click.group("user")
def command() -> None:
    """Add, list or remove those who may log in to the page (access.yaml)."""


@command.command("add")
@click.argument("name")
@CONFIG
@click.option("--role", type=click.Choice([str(role) for role in Role]), required=True,
              help="viewer looks; officer decides; admin also looks after the program.")
@click.option("--language", help="Language of the page, such as fr [default: the browser's].")
@click.option("--timezone", default="UTC", show_default=True, help="Times are shown in it, such as Africa/Bamako.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input, not from the keyboard.")
@click.option("--no-password", is_flag=True, help="The proxy alone lets them in.")
def add(name: str, folder: Path | None, *, role: str, language: str | None, timezone: str, password_stdin: bool,
        no_password: bool) -> None:
    """Add NAME, or give NAME another password and role. The password is asked for and kept as a hash alone."""
    file = folder_of(folder) / FILE
    access = _read(file)
    password = None if no_password else hashed(_password(from_stdin=password_stdin))
    try:
        shape = AccountShape.model_validate({"name": name, "role": role, "timezone": timezone, "language": language}
                                            if language else {"name": name, "role": role, "timezone": timezone})
    except ValidationError as error:
        raise click.UsageError(_words(error)) from error
    account = Account(shape.name, shape.role, password, shape.language, shape.timezone)
    _write(file, access, with_account(access.accounts, account))
    click.echo(f"{name} may log in as {role}. {RELOAD}")


@command.command("remove")
@click.argument("name")
@CONFIG
def remove(name: str, folder: Path | None) -> None:
    """Let NAME log in no more; where NAME is logged in, that ends with the next reload."""
    file = folder_of(folder) / FILE
    access = _read(file)
    left = tuple(one for one in access.accounts if one.name != name)
    if len(left) == len(access.accounts):
        raise click.UsageError(f"nobody is called {name!r}; there are: "
                               f"{', '.join(one.name for one in access.accounts) or 'none'}")
    _write(file, access, left)
    click.echo(f"{name} may log in no more. {RELOAD}")


@command.command("list")
@CONFIG
def listed(folder: Path | None) -> None:
    """List who may log in, and as what."""
    for one in _read(folder_of(folder) / FILE).accounts:
        click.echo(f"{one.name}  {one.role}  {one.language or '(browser)'}  {one.timezone}"
                   + ("" if one.password else "  (by the proxy alone)"))


def _read(file: Path) -> Access:
    """What the file says; its faults end the command, so that nothing of it is lost."""
    try:
        return access_in(file.parent, environment())
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


def _write(file: Path, access: Access, accounts: tuple[Account, ...]) -> None:
    try:
        write(file, Access(accounts, access.proxy_from, access.proxy_header, access.two_people_above))
    except OSError as error:
        raise click.ClickException(f"{file} can't be written: {error.strerror}") from error


def _password(*, from_stdin: bool) -> str:
    password: str = (sys.stdin.readline().rstrip("\r\n") if from_stdin
                     else click.prompt("Password", hide_input=True, confirmation_prompt=True))
    if len(password) < SHORTEST:
        raise click.UsageError(f"a password has at least {SHORTEST} characters; a few words are easiest to keep")
    return password


def _words(error: ValidationError) -> str:
    """The list of complaints as one sentence."""
    return "; ".join(f"{'.'.join(str(part) for part in one['loc'])}: {words_of(one)}"
                     for one in error.errors(include_url=False))
