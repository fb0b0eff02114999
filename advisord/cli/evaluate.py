"""`advisord evaluate`: a labelled set -> a table of how well this program, or anybody's answers, did on it."""
from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from advisord.cli.articles import line_of
from advisord.errors import AdvisordError, SeedError
from advisord.evaluate.figures import Figure
from advisord.evaluate.gold import Answer, EvaluationError, GoldRow, answer_of, answers_of, gold_of
from advisord.evaluate.score import figures_of
from advisord.evaluate.vocabulary import Vocabulary
from advisord.extract.analyse import Analyser
from advisord.settings.seeds import Seeds, seeds_of
from advisord.text.fold import fold
from advisord.wiring import analyser

_WIDE = 100  # from here a figure is a number of things, not a share
_NAME_WIDTH = 45
_ARTICLE_KEYS = ("id", "title", "text", "published", "language", "country")


@click.command()
@click.argument("gold", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--predictions", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
              help="Judge these answers, one a line in the order of GOLD, instead of this program's own.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as one JSON array.")
def command(gold: Path | None, predictions: Path | None, *, as_json: bool) -> None:
    """Judge answers by a labelled set.

    GOLD is a file of JSON lines, packed with gzip or not, in the format of docs/evaluation.md; without it the open set
    that ships with the program is taken. Exit status 2: a file can't be used; every bad line is named.
    """
    seeds = seeds_of()
    try:
        path = gold or seeds.path("evaluation/open.jsonl")
        rows = gold_of(_lines_of(path), str(path))
        answers = answers_of(_lines_of(predictions), str(predictions)) if predictions else _answered(rows, seeds)
        figures = figures_of(rows, answers, _vocabulary(seeds))
    except EvaluationError as error:
        click.echo(str(error), err=True)
        raise SystemExit(2) from error
    except AdvisordError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps([_plain(figure) for figure in figures], ensure_ascii=False, indent=1))
    else:
        _print(figures)


def _lines_of(path: Path) -> list[str]:
    """The lines of a text file, packed or not; only a line feed ends one. EvaluationError where it is neither."""
    data = path.read_bytes()
    try:
        return (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8").split("\n")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise EvaluationError([f"{path}: {error}"]) from error


def _answered(rows: Iterable[GoldRow], seeds: Seeds) -> tuple[Answer, ...]:
    """What this program says to each article, which sees nothing of the labels."""
    reader = analyser(seeds)
    return tuple(_answer(number, row, reader) for number, row in enumerate(rows, start=1))


def _answer(number: int, row: GoldRow, reader: Analyser) -> Answer:
    told = {key: value for key, value in row.model_dump(include=set(_ARTICLE_KEYS)).items() if value is not None}
    line = line_of(number, json.dumps(told).encode())
    if line.article is None:
        return Answer(id=row.id, error=str(line.error))
    return answer_of(row.id, reader.analyse(line.article))


def _vocabulary(seeds: Seeds) -> Vocabulary:
    words = seeds.table("evaluation/generic.yaml")
    try:
        return Vocabulary(seeds.hazards(), frozenset(fold(str(each)) for each in words["generic"]))
    except (KeyError, TypeError) as error:
        raise SeedError(f"evaluation/generic.yaml: {error!r}") from error


def _plain(figure: Figure) -> Mapping[str, object]:
    return {"section": figure.section, "name": figure.name, "value": figure.value, "count": figure.count,
            "note": figure.note}


def _print(figures: Sequence[Figure]) -> None:
    """One table a section, as wide as the terminal, or as what it holds where nobody looks."""
    console = Console(width=None if os.isatty(1) else 140, highlight=False)
    for section in dict.fromkeys(figure.section for figure in figures):
        table = Table(box=None, pad_edge=False, show_header=False)
        table.add_column(min_width=_NAME_WIDTH, no_wrap=True)
        table.add_column(justify="right", no_wrap=True)
        table.add_column(justify="right", no_wrap=True)
        table.add_column()
        for figure in figures:
            if figure.section == section:
                table.add_row(figure.name, _shown(figure.value), "" if figure.count is None else str(figure.count),
                              figure.note)
        console.print(section, style="bold")
        console.print(table)


def _shown(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.0f}" if abs(value) >= _WIDE else f"{value:.3f}"
