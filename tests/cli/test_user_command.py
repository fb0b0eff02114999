"""`advisord user` as an administrator uses it."""
from __future__ import annotations

import shutil
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from advisord.cli.main import main

GOOD = Path(__file__).parents[1] / "config" / "good"
PASSWORD = "correct horse battery"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sound configuration."""
    shutil.copytree(GOOD, tmp_path / "config")
    return tmp_path / "config"


def user(folder: Path, *words: str, says: str = f"{PASSWORD}\n{PASSWORD}\n") -> Result:
    """What the command says."""
    return CliRunner().invoke(main, ["user", *words, "--config", str(folder)], input=says)


def test_somebody_is_added_listed_changed_and_removed(folder: Path) -> None:
    """The password is asked for twice and kept as a hash, in a file for its owner alone; the rest of it stays."""
    file = folder / "access.yaml"
    file.write_text("accounts: []\nproxy: {from: 127.0.0.1, header: X-User}\ntwo_people_above: 40\n", encoding="utf-8")
    assert user(folder, "add", "amina", "--role", "officer", "--language", "fr").exit_code == 0
    assert user(folder, "add", "ben", "--role", "viewer", "--no-password").exit_code == 0
    text = file.read_text(encoding="utf-8")
    assert PASSWORD not in text
    assert "$argon2id$" in text
    assert "two_people_above: 40" in text
    assert "X-User" in text
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    listed = user(folder, "list").output
    assert "amina  officer  fr  UTC" in listed
    assert "ben  viewer  (browser)  UTC  (by the proxy alone)" in listed
    assert user(folder, "add", "amina", "--role", "admin", "--password-stdin", says=f"{PASSWORD}!\n").exit_code == 0
    assert "amina  admin" in user(folder, "list").output
    assert user(folder, "remove", "amina").exit_code == 0
    assert "amina" not in user(folder, "list").output
    assert CliRunner().invoke(main, ["check", str(folder)]).exit_code == 0


@pytest.mark.parametrize(("words", "says", "told"), [
    (("add", "amina", "--role", "officer"), "short\nshort\n", "at least 12 characters"),
    (("add", "a b", "--role", "officer"), f"{PASSWORD}\n{PASSWORD}\n", "is not the name of an account"),
    (("add", "amina", "--role", "boss"), "", "'boss' is not one of"),
    (("add", "amina", "--role", "officer", "--timezone", "Mars"), f"{PASSWORD}\n{PASSWORD}\n", "is not a time zone"),
    (("remove", "nobody"), "", "nobody is called 'nobody'"),
], ids=["short", "name", "role", "zone", "unknown"])
def test_what_can_not_be_is_told(folder: Path, words: tuple[str, ...], says: str, told: str) -> None:
    """Nothing is written, and I know why."""
    before = (folder / "access.yaml").read_bytes()
    result = user(folder, *words, says=says)
    assert result.exit_code != 0
    assert told in result.output
    assert (folder / "access.yaml").read_bytes() == before


def test_a_file_with_faults_is_not_overwritten(folder: Path) -> None:
    """What I wrote by hand and wrongly is told, and stays."""
    (folder / "access.yaml").write_text("accounts: [{name: amina, role: boss}]\n", encoding="utf-8")
    result = user(folder, "add", "ben", "--role", "viewer")
    assert result.exit_code == 1
    assert "access.yaml:1:" in result.output
    assert "boss" in (folder / "access.yaml").read_text(encoding="utf-8")
