"""`advisord rules test` as an officer runs it before relying on a changed rule."""
from __future__ import annotations

import json
import shutil
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result

from advisord.cli.main import main
from advisord.settings.document import document
from advisord.settings.folders import shipped
from advisord.settings.schema import RULE_TESTS, schema_of
from advisord.settings.starter import write

CONFIG = shipped("config")
SHIPPED = (CONFIG / "tests" / "rules.yaml", CONFIG / "starter" / "tests" / "rules.yaml")

PEOPLE = """
staff:
  desks: [{id: duty, groups: [all], contact: {email: duty@example.org}}]
  people:
    - {id: near, name: N, groups: [all], timezone: Africa/Bamako, home: "Bamako, ML", contact: {email: n@example.org}}
    - {id: far, name: F, groups: [all], timezone: Africa/Bamako, home: "Gao, ML", contact: {email: f@example.org}}
"""
AT = "2030-01-15T07:00+00:00"
ATTACK = '{hazard: conflict.armed_attack, place: "Bamako, ML"}'


def run(*words: str | Path) -> Result:
    """The command with these words, on the shipped configuration unless they name another."""
    config = [] if "--config" in words else ["--config", str(CONFIG)]
    return CliRunner().invoke(main, ["rules", "test", *map(str, words), *config])


def story(tmp_path: Path, *steps: str, people: str = PEOPLE) -> Path:
    """A file with one test of these steps, each a YAML flow map without its braces."""
    file = tmp_path / "mine.yaml"
    lines = "".join(f"      - {{{step}}}\n" for step in steps)
    file.write_text(f"{people}tests:\n  - name: Mine\n    steps:\n{lines}", encoding="utf-8")
    return file


@pytest.mark.slow
def test_the_shipped_rules_do_what_their_tests_say() -> None:
    """Every shipped rule has a test, and all of them pass without naming a file."""
    result = run()
    assert result.exit_code == 0, result.output
    assert "0 failed" in result.output


@pytest.mark.slow
def test_what_init_writes_passes_its_tests(tmp_path: Path) -> None:
    """My first configuration comes with tests of its rules, and they pass."""
    write(tmp_path / "mine", ())
    result = run("--config", tmp_path / "mine")
    assert result.exit_code == 0, result.output
    assert "0 failed" in result.output


@pytest.mark.parametrize(("rules", "tests"), [
    (CONFIG / "rules.yaml", SHIPPED[0]), (CONFIG / "starter" / "rules.yaml", SHIPPED[1]),
], ids=["demo", "starter"])
def test_every_shipped_rule_has_a_test(rules: Path, tests: Path) -> None:
    """No rule comes untested."""
    told = str(document("tests", tests.read_bytes(), {})[0].value)
    read = document("rules", rules.read_bytes(), {})[0].value
    assert isinstance(read, dict)
    assert isinstance(read["rules"], list)
    names = [str(rule["id"]) for rule in read["rules"] if isinstance(rule, dict)]
    assert [name for name in names if f"'rule': '{name}'" not in told] == []


@pytest.mark.parametrize("file", SHIPPED, ids=["demo", "starter"])
def test_editors_know_the_form(file: Path) -> None:
    """The schema that editors are given fits the shipped tests, and is what the program checks."""
    value = document(file.name, file.read_bytes(), {})[0].value
    assert not list(jsonschema.Draft202012Validator(schema_of(RULE_TESTS)).iter_errors(value))
    written = (CONFIG / "schema" / "rule-tests.json").read_text(encoding="utf-8")
    assert written == json.dumps(schema_of(RULE_TESTS), indent=2, ensure_ascii=False) + "\n"


def test_a_test_that_holds_passes(tmp_path: Path) -> None:
    """Who is to be told is told so, nobody else is, and the status is 0."""
    file = story(tmp_path, f"at: {AT}, report: {ATTACK}, not_told: everybody else, told: [{{who: near, "
                    "rule: serious-nearby, advise: attack-nearby, via: email, severity: Severe, reason: first, "
                    "held_minutes: 0}]")
    result = run(file)
    assert (result.exit_code, result.output) == (0, "passed  Mine\n1 passed, 0 failed\n")


@pytest.mark.parametrize(("expected", "words"), [
    ("told: {who: far}", "far is not told, and should be"),
    ("not_told: near", "near is told, and should not be"),
    ("not_told: everybody else", "near is told, and should not be"),
    ("told: {who: near, rule: leave}", "near: rule is serious-nearby, expected leave"),
    ("told: {who: near, advise: curfew}", "near: advise is attack-nearby, expected curfew"),
    ("told: {who: near, via: [email, operations]}", "near: via is email, expected email, operations"),
    ("told: {who: near, severity: Minor}", "near: severity is Severe, expected Minor"),
    ("told: {who: near, reason: cleared}", "near: reason is first, expected cleared"),
    ("told: {who: near, held_minutes: 5}", "near: held_minutes is 0, expected 5"),
], ids=["not-told", "told", "somebody-else", "rule", "advise", "via", "severity", "reason", "held"])
def test_what_differs_is_said_with_its_line(tmp_path: Path, expected: str, words: str) -> None:
    """A test that does not hold says what differs, where I wrote it, and the status is 1."""
    file = story(tmp_path, f"at: {AT}, report: {ATTACK}, {expected}")
    result = run(file)
    assert result.exit_code == 1
    assert f"    {file}:10  {words}" in result.output
    assert result.output.endswith("0 passed, 1 failed\n")


def test_why_somebody_is_not_told_is_said(tmp_path: Path) -> None:
    """I read which rule came closest and what stopped it, with value and threshold."""
    result = run(story(tmp_path, f"at: {AT}, report: {ATTACK}, told: {{who: far}}"))
    assert "known: conflict.armed_attack occurred, Severe, Bamako, ML" in result.output
    assert "closest: rule serious-nearby and Gao" in result.output
    assert "distance: 9" in result.output
    assert "(asked: 50 km" in result.output


@pytest.mark.parametrize(("article", "why"), [
    ("{text: 'Gunmen killed three people in Bamako.', published: 2029-01-15T07:00+00:00}",
     "the article is held: stale"),
    ("{text: 'The orchestra of Bamako plays tonight.'}", "nothing that happens now was understood from it"),
], ids=["stale", "harmless"])
def test_an_article_that_alerts_nobody_says_why(tmp_path: Path, article: str, why: str) -> None:
    """An article that comes to nothing says whether it is too old or holds nothing."""
    result = run(story(tmp_path, f"at: {AT}, article: {article}, told: {{who: near}}"))
    assert result.exit_code == 1
    assert why in result.output


def test_rules_of_the_file_count_before_those_of_the_configuration(tmp_path: Path) -> None:
    """I can try a rule without touching the configuration."""
    mine = PEOPLE + ("rules: [{id: wide, when: {hazard: conflict}, reach: {within_km: 2000}, advise: general, "
                     "via: email}]\n")
    result = run(story(tmp_path, f"at: {AT}, report: {ATTACK}, told: {{who: far, rule: wide}}", people=mine))
    assert result.exit_code == 0, result.output


def test_a_changed_rule_fails_its_test(tmp_path: Path) -> None:
    """Narrowing a rule until it misses somebody turns the test red."""
    shutil.copytree(CONFIG, tmp_path / "config")
    rules = tmp_path / "config" / "rules.yaml"
    rules.write_text(rules.read_text(encoding="utf-8").replace(
        "within_km: {Extreme: 150, Severe: 50, Moderate: 15}", "within_km: {Extreme: 150}"), encoding="utf-8")
    file = story(tmp_path, f"at: {AT}, report: {ATTACK}, told: {{who: near}}")
    assert run(file).exit_code == 0
    result = run("--config", tmp_path / "config", file)
    assert result.exit_code == 1
    assert "near is not told, and should be" in result.output


def test_who_was_told_hears_the_end_at_a_later_step(tmp_path: Path) -> None:
    """Steps are one story: the end goes to whoever heard the beginning, and to nobody else."""
    file = story(
        tmp_path, f"at: {AT}, report: {{hazard: order.curfew, phase: ongoing, place: 'Bamako, ML'}}, "
        "told: {who: near}",
        "at: 2030-01-15T12:00+00:00, report: {hazard: order.curfew, phase: ended, place: 'Bamako, ML'}, "
        "told: {who: near, reason: cleared}, not_told: everybody else")
    assert run(file).exit_code == 0


@pytest.mark.parametrize(("step", "fault"), [
    ("at: 2030-01-15, report: {hazard: conflict.bombing}, not_told: near", "has no time of day"),
    (f"at: {AT}, report: {{hazard: conflict.bombin}}, not_told: near", "did you mean 'conflict.bombing'?"),
    (f"at: {AT}, report: {{hazard: conflict.bombing, place: 'Bamakko, ML'}}, not_told: near",
     "tests[0].steps[0].report[0].place: no place called"),
    (f"at: {AT}, report: {ATTACK}, not_told: nearr", "'nearr' is not somebody of the staff; did you mean 'near'?"),
    (f"at: {AT}, report: {ATTACK}, told: {{who: 'desk:night'}}", "'night' is not a desk"),
    (f"at: {AT}, report: {ATTACK}, told: {{who: near, rule: curfu}}", "did you mean 'curfew'?"),
    (f"at: {AT}, report: {ATTACK}, told: {{who: near, via: pigeon}}", "'pigeon' is not a channel"),
    (f"at: {AT}, report: {ATTACK}, told: {{who: near, advice: curfew}}", "did you mean 'advise'?"),
    (f"at: {AT}, article: {{text: a, feed: nobody}}, not_told: near", "'nobody' is not a feed of feeds.yaml"),
    (f"at: {AT}, article: {{text: ''}}, not_told: near", "is empty; text belongs here"),
    (f"at: {AT}, report: {ATTACK}", "expects nothing; write told or not_told"),
], ids=["no-time", "hazard", "place", "person", "desk", "rule", "channel", "key", "feed", "no-text", "no-expectation"])
def test_a_slip_in_a_test_is_told_with_its_place(tmp_path: Path, step: str, fault: str) -> None:
    """A test that names what is not there is refused, since it would prove nothing."""
    file = story(tmp_path, step)
    result = run(file)
    assert result.exit_code == 1
    assert f"{file}:" in result.output
    assert fault in result.output
    assert "the tests can't be run" in result.output


def test_steps_out_of_order_are_told(tmp_path: Path) -> None:
    """A story goes forward."""
    result = run(story(tmp_path, f"at: {AT}, report: {ATTACK}, told: {{who: near}}", f"at: {AT}, not_told: near"))
    assert result.exit_code == 1
    assert "tests[0].steps[1].at: lies before the step above it" in result.output


@pytest.mark.parametrize(("content", "words"), [
    (None, "is missing in"), ("tests: []\n", "the files hold no test"), ("tests: [\n", "not closed"),
], ids=["no-file", "no-test", "no-yaml"])
def test_a_file_without_tests_is_told(tmp_path: Path, content: str | None, words: str) -> None:
    """Nothing to run is never a pass."""
    file = tmp_path / "mine.yaml"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    result = run(file)
    assert result.exit_code != 0
    assert words in result.output


PACED = """
rules:
  - {id: nearby, when: {hazard: [conflict, unrest]}, reach: {within_km: 50}, advise: general, via: [email, duty-desk],
     %s}
"""


@pytest.mark.slow
@pytest.mark.parametrize(("key", "steps"), [
    pytest.param("settle_minutes: 5", (
        f"at: {AT}, report: {ATTACK}, told: {{who: desk:duty}}, not_told: near",
        "at: 2030-01-15T07:05+00:00, told: {who: near, reason: first, held_minutes: 0}, not_told: far"), id="settling"),
    pytest.param("repeat_h: 12", (
        f"at: {AT}, report: {ATTACK}, told: {{who: near}}",
        "at: 2030-01-15T18:59+00:00, not_told: everybody else",
        "at: 2030-01-15T19:00+00:00, told: {who: near, reason: reminder}"), id="reminders"),
    pytest.param('digest: {every: day, at: "09:00", except: at least Severe}', (
        f'at: {AT}, report: {{hazard: unrest.protest, place: "Bamako, ML"}}, told: {{who: near, held_minutes: 120}}',
        f"at: 2030-01-15T08:00+00:00, report: {ATTACK}, told: {{who: near, held_minutes: 0}}"), id="digest"),
])
def test_when_somebody_is_told_can_be_tested(tmp_path: Path, key: str, steps: tuple[str, ...]) -> None:
    """Settling time, reminders and digests are tried like any other key of a rule, step by step."""
    result = run(story(tmp_path, *steps, people=PEOPLE + PACED % key))
    assert result.exit_code == 0, result.output
    assert "1 passed, 0 failed" in result.output
