"""Options that several commands share."""
from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import click

CONFIG = click.option(
    "--config", "folder", type=click.Path(file_okay=False, path_type=Path), envvar="ADVISORD_CONFIG",
    default=None, help="Folder of the configuration [default: $ADVISORD_CONFIG, else ./config, else /etc/advisord].")


def folder_of(given: Path | None) -> Path:
    """The configuration's folder; a usage error that says what was looked for when there is none."""
    tried = [given] if given else [Path("config"), Path("/etc/advisord")]
    for folder in tried:
        if (folder / "advisord.yaml").is_file():
            return folder.resolve()
    names = " or ".join(f"{folder}/advisord.yaml" for folder in tried)
    raise click.UsageError(f"no configuration found: no {names}. Make one with `advisord init DIR`.")


def instant(text: str) -> datetime:
    """An ISO 8601 instant as aware UTC; a naive one is read as UTC, anything else is a usage error."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is no ISO 8601 instant") from error
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def environment() -> dict[str, str]:
    """The environment that a configuration may refer to."""
    return dict(os.environ)
