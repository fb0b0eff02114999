"""Templates are refused at load, with file and line, before anybody needs them."""
from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from advisord.advise.render import Renderer
from advisord.advise.templates import Templates
from advisord.errors import SeedError

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "templates"

BAD = [
    pytest.param("{{ 'a' * 10**10 }}", "general.en.txt.j2", id="template-bomb: memory"),
    pytest.param("{{ '%999999999999d' % 1 }}", "general.en.txt.j2", id="template-bomb: format"),
    pytest.param("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
                 "general.en.txt.j2", id="template-bomb: time"),
    pytest.param("{{ 'a' * 300000 }}", "general.en.txt.j2", id="too long"),
    pytest.param("{{ ().__class__.__mro__ }}", "general.en.txt.j2:2", id="Python within reach"),
    pytest.param("{{ f.nothing }}", "general.en.txt.j2:2", id="a name that is not there"),
    pytest.param("{% if %}", "general.en.txt.j2:2", id="syntax"),
    pytest.param("{% include 'nowhere.j2' %}", "nowhere.j2", id="a file that is not there"),
    pytest.param("{{ f.main.day.nothing() }}", "general.en.txt.j2:2", id="a call that is not there"),
]


@pytest.mark.parametrize(("text", "place"), BAD)
def test_refused(tmp_path: Path, text: str, place: str) -> None:
    """A template that can't be rendered, or only at great cost, is refused with its place."""
    (tmp_path / "general.en.txt.j2").write_text(f"{{{{ section('do') }}}}\n{text}\n", encoding="utf-8")
    with pytest.raises(SeedError, match=re.escape(place)):
        Renderer((tmp_path, SHIPPED))


def test_frame_without_parts(tmp_path: Path) -> None:
    """A frame that says nothing of what to do is refused."""
    (tmp_path / "advisory.en.txt.j2").write_text("{{ section('subject') }}x", encoding="utf-8")
    with pytest.raises(SeedError, match="no section 'subject' or 'todo'"):
        Renderer((tmp_path, SHIPPED))


def test_own_template_wins(tmp_path: Path) -> None:
    """A file in the operator's folder is taken instead of the shipped one, the others stay."""
    (tmp_path / "general.en.txt.j2").write_text("{{ section('short') }}own words", encoding="utf-8")
    templates = Templates((tmp_path, SHIPPED))
    assert "own words" in templates.raw("general.en.txt.j2", {})
    assert templates.languages == {"en", "fr"}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_hazard_has_a_name(language: str) -> None:
    """Every hazard that the program knows has a name in every language."""
    codes = set(yaml.safe_load((ROOT / "seeds" / "hazards.yaml").read_text(encoding="utf-8")))
    words = Templates((SHIPPED,)).words(language)
    assert codes - set(words.hazards) == set()


@pytest.mark.parametrize("language", ["fr"])
def test_languages_say_the_same(language: str) -> None:
    """Every table of words, every country and every advice of English exists in every other language."""
    templates = Templates((SHIPPED,))
    english, other = templates.words("en"), templates.words(language)
    for table in ("hazards", "headlines", "planned", "phases", "severities", "levels", "tags", "gates"):
        assert set(getattr(english, table)) == set(getattr(other, table)), table
    assert {each.split(".")[0] for each in templates.advices("en")} == {
        each.split(".")[0] for each in templates.advices(language)}
