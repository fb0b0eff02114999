"""`advisord rules test FILE...`: whether the rules tell whom they should, before they are relied on."""
from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from advisord.cli.options import CONFIG, environment, folder_of
from advisord.errors import AdvisordError, SettingsError
from advisord.model import Analysis, Article, Settings
from advisord.settings.config import Knowledge, examine
from advisord.settings.rule_tests import RuleTests, rule_tests
from advisord.wiring.rehearsal import Kit
from advisord.wiring.rule_tests import Result, results_of
from advisord.wiring.workshop import Workshop


@click.group("rules")
def command() -> None:
    """Work with rules."""


@command.command("test")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@CONFIG
def test_command(files: tuple[Path, ...], folder: Path | None) -> None:
    """Run rule tests: given people, rules and news, who is told what, and who is not.

    Without a FILE, those of the configuration are run: its folder tests/. Nothing is stored, sent or fetched. The exit
    status is 0 when every test passed, else 1.
    """
    configuration = folder_of(folder)
    files = files or tuple(map(_shown, sorted((configuration / "tests").glob("*.yaml"))))
    if not files:
        raise click.UsageError(f"no FILE is named, and {configuration / 'tests'} holds none")
    workshop = Workshop(configuration, environ=environment())
    try:
        settings = _settings(workshop, configuration)
        kit = Kit(workshop.hazards, workshop.tables, _reading(workshop))
        results = [result for file in files for result in _run(_read(file, settings, workshop), kit)]
    except SettingsError as error:
        for fault in error.faults:
            click.echo(fault, err=True)
        raise click.ClickException("the tests can't be run") from error
    except AdvisordError as error:
        raise click.ClickException(str(error)) from error
    if not results:
        raise click.UsageError("the files hold no test")
    failed = sum(bool(result.differences) for result in results)
    click.echo(f"{len(results) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


def _shown(file: Path) -> Path:
    """From here where it lies below, so that what is printed is short and can be opened."""
    return file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file


def _settings(workshop: Workshop, folder: Path) -> Settings:
    """The configuration, without the secrets: nothing is sent."""
    examined = examine(folder, gazetteer=workshop.gazetteer, hazards=workshop.hazards, environ=environment())
    if examined.faults:
        raise SettingsError(examined.faults)
    return examined.settings


def _reading(workshop: Workshop) -> Callable[[Article], Analysis]:
    """Reads an article; what that takes is loaded only when a test has one."""
    def analyse(article: Article) -> Analysis:
        return workshop.analyser.analyse(article)

    return analyse


def _read(file: Path, settings: Settings, workshop: Workshop) -> RuleTests:
    severities = {code: hazard.severity for code, hazard in workshop.hazards.items()}
    return rule_tests(file, settings, Knowledge(workshop.gazetteer, workshop.hazards), hazards=severities,
                      environ=environment())


def _run(tests: RuleTests, kit: Kit) -> Iterator[Result]:
    """Print each result as it comes."""
    for result in results_of(tests, kit):
        if result.differences:
            click.echo(f"FAILED  {result.test.name}  ({result.test.where})")
        else:
            click.echo(f"passed  {result.test.name}")
        for difference in result.differences:
            click.echo(f"    {difference.where}  {difference.words}")
            for line in difference.because:
                click.echo(f"        {line}")
        yield result
