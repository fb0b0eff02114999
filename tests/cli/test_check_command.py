"""`advisord check` as an operator runs it."""
from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from advisord.cli.main import main
from advisord.settings.folders import shipped

GOOD = Path(__file__).parents[1] / "config" / "good"
SECRET = {"HOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sound configuration to change."""
    path = tmp_path / "config"
    shutil.copytree(GOOD, path)
    return path


def check(*words: str, env: dict[str, str] | None = None) -> Result:
    """The command with these words, where no configuration is named by the environment."""
    return CliRunner().invoke(main, ["check", *words], env={"ADVISORD_CONFIG": None, **(env or {})})


def test_a_sound_configuration_is_counted(folder: Path) -> None:
    """I see that what I wrote was read: so many feeds, people, rules."""
    result = check(str(folder), env=SECRET)
    assert result.output == f"{folder} is fine: 1 feed, 2 people, 1 site, 1 desk, 1 rule, 3 channels, mode live\n"
    assert result.exit_code == 0


def test_every_fault_is_told_at_once(folder: Path) -> None:
    """Faults in two files come in one run, each with its place, and the exit status says so to scripts."""
    (folder / "rules.yaml").write_text("rules:\n  - {id: r, when: {hazrd: conflict}, advise: general, via: [emial]}\n",
                                       encoding="utf-8")
    (folder / "advisord.yaml").write_text("mode: lve\n", encoding="utf-8")
    result = check(str(folder), env=SECRET)
    assert result.output.splitlines() == [
        "advisord.yaml:1:7 mode: 'lve' is not a mode; did you mean 'live'?",
        "rules.yaml:2:20 rules[0].when.hazrd: is not a key here; did you mean 'hazard'?",
        "rules.yaml:2:61 rules[0].via[0]: 'emial' is not a channel of channels.yaml; did you mean 'email'?",
        f"{folder}: 3 faults",
    ]
    assert result.exit_code == 1


def test_a_secret_of_the_service_alone_is_a_warning(folder: Path) -> None:
    """My shell need not hold the service's secrets, but I am reminded of them."""
    result = check(str(folder))
    assert result.output.startswith("warning: channels.yaml:4:80 channels[2].secret_env: the environment has no "
                                    "HOOK_SECRET (the service needs it)\n")
    assert result.exit_code == 0


def test_a_template_that_does_not_render_is_a_fault(folder: Path) -> None:
    """A slip in my own template is found here, not in the night when it is needed."""
    (folder / "templates").mkdir()
    (folder / "templates" / "general.en.txt.j2").write_text("{% if %}", encoding="utf-8")
    result = check(str(folder), env=SECRET)
    assert "general.en.txt.j2" in result.output
    assert result.exit_code == 1


def test_the_configuration_can_be_named_by_the_environment(folder: Path) -> None:
    """ADVISORD_CONFIG says where to look, as it does for the service."""
    result = check(env={**SECRET, "ADVISORD_CONFIG": str(folder)})
    assert result.output.startswith(f"{folder} is fine")


def test_the_shipped_example_is_fine() -> None:
    """What comes with the program passes."""
    result = check(str(shipped("config")))
    assert result.exit_code == 0
    assert "is fine: 4 feeds, 10 people, 5 sites, 2 desks, 9 rules, 3 channels, mode live" in result.output


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A mistyped folder is one plain sentence."""
    result = check(str(tmp_path / "nowhere"))
    assert result.output.startswith(f"{tmp_path / 'nowhere'}: is no folder")
    assert result.exit_code == 1
