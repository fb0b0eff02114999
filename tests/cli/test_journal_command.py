"""`advisord journal` as whoever is asked to prove something runs it."""
from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, text

from advisord.cli.main import main
from advisord.model import Article
from advisord.settings.starter import write
from advisord.store.store import Store

NOW = datetime(2024, 9, 17, 8, 30, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A configuration, and beside it a store in which two articles were seen."""
    write(tmp_path / "mine", ())
    with Store.open(f"sqlite:///{tmp_path}/journal.db") as store:
        store.save_articles((Article("a1", "one", feed_id="f", fingerprint="x"),), NOW)
        store.save_articles((Article("a2", "two", feed_id="f", fingerprint="y"),), NOW)
    return tmp_path


def run(folder: Path, *words: str) -> Result:
    """The command on that store."""
    return CliRunner().invoke(main, ["journal", *words, "--config", str(folder / "mine"), "--store",
                                     f"sqlite:///{folder}/journal.db"])


def test_the_journal_is_printed_a_row_a_line(folder: Path) -> None:
    """I read number, instant, kind and facts, oldest first."""
    result = run(folder)
    assert result.exit_code == 0
    assert result.output.splitlines()[0] == '1 2024-09-17T08:30:00Z seen - a1 {"feed":"f","fingerprint":"x"}'
    assert len(result.output.splitlines()) == 2
    assert run(folder, "--incident", "ML-2024-0917-1").output == ""


def test_a_sound_journal_is_told_with_its_head(folder: Path) -> None:
    """Verify counts the rows, prints the head and ends with 0."""
    result = run(folder, "verify")
    assert result.exit_code == 0, result.output
    assert result.output.startswith("2 rows, none changed, removed or moved; head ")


def test_a_changed_row_is_named(folder: Path) -> None:
    """Verify names the row that somebody changed and ends with 1."""
    engine = create_engine(f"sqlite:///{folder}/journal.db")
    with engine.begin() as connection:
        connection.execute(text("UPDATE journal SET data = '{}' WHERE n = 2"))
    engine.dispose()
    result = run(folder, "verify")
    assert result.exit_code == 1
    assert "row 2 was changed: its details are not those that were sealed" in result.output
