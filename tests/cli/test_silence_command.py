"""`advisord silence` as an officer uses it."""
from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from advisord.cli.main import main
from advisord.model import Certainty, Incident, Phase, Severity, Urgency
from advisord.store.store import Store

GOOD = Path(__file__).parents[1] / "config" / "good"
NOW = datetime(2026, 3, 10, 8, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
WHO = ("--by", "duty", "--why", "everybody knows of the march")


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A store that knows one incident."""
    shutil.copytree(GOOD, tmp_path / "config")
    with Store.open(f"sqlite:///{tmp_path}/store.db") as store:
        store.save_review(Incident("ML-2026-0310-1", "unrest.protest", Phase.ONGOING, Severity.MINOR, Urgency.IMMEDIATE,
                                   Certainty.OBSERVED, NOW, NOW, ()), (), (), (), (), NOW, None)
    return f"sqlite:///{tmp_path}/store.db"


def silence(url: str, *words: str, hours: float = 0) -> Result:
    """The command, some hours into the morning."""
    folder = Path(url.removeprefix("sqlite:///")).parent / "config"
    at = (NOW + timedelta(hours=hours)).isoformat()
    return CliRunner().invoke(main, ["silence", *words, "--config", str(folder), "--store", url, "--at", at],
                              env={"COLUMNS": "250", "HOOK_SECRET": SECRET})


def test_added_listed_ended(url: str) -> None:
    """I silence protests in a country for a while, see it listed with who, why and until when, and end it early."""
    added = silence(url, "add", "--hazard", "unrest", "--country", "ml", "--until", "6h", *WHO)
    assert added.output == ("s1: hazard unrest; country ML; till Tue 10 Mar 2026 14:00 UTC; what is Extreme is told "
                            "nevertheless\n")
    listed = silence(url, "list").output
    assert all(each in listed for each in ("s1", "hazard unrest; country ML", "Tue 10 Mar 2026 14:00", "duty",
                                           "everybody knows of the march"))
    assert silence(url, "end", "s1", "--by", "other", "--why", "it grew", hours=1).output == (
        "s1 is over: hazard unrest; country ML\n")
    assert silence(url, "list", hours=1).output == "no silence holds\n"
    assert "ended Tue 10 Mar 09:00 by other: it grew" in silence(url, "list", "--all", hours=1).output


def test_every_way_to_say_what(url: str) -> None:
    """An incident, a place with its surroundings, a rule, people and desks can be named; what is Extreme on demand."""
    added = silence(url, "add", "--incident", "ML-2026-0310-1", "--place", "Bamako, ML", "--within-km", "40", "--rule",
                    "nearby", "--to", "p-001", "--to", "desk:duty", "--until", "2026-03-11T06:00+01:00",
                    "--even-extreme", *WHO)
    assert added.output == ("s1: incident ML-2026-0310-1; rule nearby; recipient person:p-001, desk:duty; within 40 "
                            "km of Bamako; till Wed 11 Mar 2026 05:00 UTC\n")
    with Store.open(url) as store:
        kept = store.silences(NOW)[0]
    assert (kept.author, kept.mutes_extreme, kept.matcher.place and kept.matcher.place.id) == (
        "duty", True, "geonames:2460596")


@pytest.mark.parametrize(("words", "told"), [
    pytest.param(("--until", "6h"), "say what to silence", id="nothing in particular"),
    pytest.param(("--hazard", "unrst", "--until", "6h"), "did you mean 'unrest", id="no such hazard"),
    pytest.param(("--country", "XX", "--until", "6h"), "'XX' is not a country", id="no such country"),
    pytest.param(("--rule", "near", "--until", "6h"), "did you mean 'nearby'", id="no such rule"),
    pytest.param(("--to", "p-018", "--until", "6h"), "is not a recipient", id="nobody"),
    pytest.param(("--incident", "ML-1", "--until", "6h"), "the latest: ML-2026-0310-1", id="no such incident"),
    pytest.param(("--place", "Nowhereville, ML", "--until", "6h"), "no place called", id="no such place"),
    pytest.param(("--country", "ML", "--until", "-3h"), "no ISO 8601 instant", id="no time"),
    pytest.param(("--country", "ML", "--until", "2026-03-09"), "in the past", id="over already"),
    pytest.param(("--country", "ML", "--until", "900d"), "too late", id="for ever"),
])
def test_a_slip_silences_nothing(url: str, *, words: tuple[str, ...], told: str) -> None:
    """What is not there, or no time, is refused, and I am told what there is."""
    result = silence(url, "add", *words, *WHO)
    assert result.exit_code != 0
    assert told in " ".join(result.output.split())
    with Store.open(url) as store:
        assert store.silences() == ()


@pytest.mark.parametrize("missing", ["--by", "--why", "--until"])
def test_who_why_and_until_when_are_asked(url: str, missing: str) -> None:
    """Without a name, a reason or an end nothing is silenced."""
    options = {"--country": "ML", "--by": "duty", "--why": "x", "--until": "6h"}
    del options[missing]
    result = silence(url, "add", *(word for pair in options.items() for word in pair))
    assert result.exit_code != 0
    assert missing in result.output


def test_what_is_not_there_can_not_be_ended(url: str) -> None:
    """I am told when there is no such silence."""
    result = silence(url, "end", "s7", "--by", "duty")
    assert (result.exit_code, result.output) == (1, "Error: silence 's7' is not there\n")
