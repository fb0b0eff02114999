"""The command `advisord`: one sub-command a module, imported only when it is asked for, so that each starts fast."""
from __future__ import annotations

from importlib import import_module

import click

import advisord

# name -> module of advisord.cli holding a click command called `command`
COMMANDS = {
    "analyse": "analyse",
    "answer": "answer",
    "backup": "backup",
    "cancel": "cancel",
    "check": "check",
    "clear": "clear",
    "correlate": "correlate",
    "demo": "demo",
    "drill": "drill",
    "erase": "erase",
    "evaluate": "evaluate",
    "explain": "explain",
    "export": "export",
    "feeds": "feeds",
    "incidents": "incidents",
    "init": "init",
    "journal": "journal",
    "once": "once",
    "outbox": "outbox",
    "purge": "purge",
    "replay": "replay",
    "report": "report",
    "restore": "restore",
    "review": "review",
    "rules": "rules",
    "run": "run",
    "schema": "schema",
    "send-test": "send_test",
    "show": "show",
    "silence": "silence",
    "user": "user",
}


class Commands(click.Group):
    """The sub-commands by name, each imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every name, in alphabetical order."""
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or null."""
        del ctx
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        command: click.Command = import_module(f"advisord.cli.{module}").command
        return command


@click.group(cls=Commands)
@click.version_option(advisord.__version__, prog_name="advisord")
def main() -> None:
    """Read the news, know whom it touches, tell them what to do."""
