"""The folder as a whole: what the daemon gets from it, and what is told about it."""
from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from advisord.errors import SettingsError
from advisord.model import Channel, Reliability, Severity
from advisord.settings.config import examine
from advisord.settings.folders import shipped

WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

# The example of the design, word for word but for the roster, which this version refuses
DESIGN = {
    "feeds": """
feeds:
  - id: studio-tamani
    url: https://www.studiotamani.org/feed
    every: 5m
    language: fr
    country: ML
    reliability: B
""",
    "staff": """
sites:
  - {id: bamako-office, place: "Bamako, ML", kind: office, groups: [mali]}
people:
  - id: p-017
    name: A. Traoré
    groups: [mali, drivers]
    language: fr
    timezone: Africa/Bamako
    contact: {email: p017@example.org, phone: "+223 …"}
    home: "Ségou, ML"
    trips:
      - {place: "Bamako, ML", from: 2024-09-16, to: 2024-09-20}
      - {flight: AF521, from: BKO, to: CDG, departs: 2024-09-19T22:40+00:00, arrives: 2024-09-20T06:10+02:00}
desks:
  - id: africa
    groups: [mali]
    language: en
    contact: {email: duty@example.org, phone: "+41 …"}
""",
    "rules": """
rules:
  - id: airport-closed
    when: {hazard: transport.airport_closure, phase: [occurred, ongoing, ended]}
    reach: {flying_through_h: 72, within_km: 50}
    who: {groups: [mali]}
    advise: airport-closure
    via: [email, duty-desk]
  - id: serious-nearby
    when: {hazard: [conflict, violence, crime], severity: at least Severe}
    reach: {within_km: {Extreme: country, Severe: 100, Moderate: 50}}
    advise: limit-movement
    via: [email, sms]
    quiet_hours: {between: ["22:00", "06:00"], except: at least Extreme}
    review: {send_after_minutes: 15}
""",
    "channels": """
channels:
  - {id: email, kind: file, folder: outbox}
  - {id: duty-desk, kind: file, audience: desk, folder: outbox}
  - {id: sms, kind: file, folder: outbox}
""",
}


def test_the_shipped_example_is_sound_without_any_variable(known: Any) -> None:
    """What comes with the program passes its own check, and tells nothing odd but the secret that it waits for."""
    examined = examine(shipped("config"), gazetteer=known.gazetteer, hazards=known.hazards, environ={})
    assert examined.faults == ()
    assert examined.warnings == ()
    assert len(examined.unset) == 1
    assert "ADVISORD_HOOK_SECRET" in examined.unset[0]


def test_the_daemon_needs_every_secret(folder: Callable[..., Any]) -> None:
    """A secret that isn't set stops the start, though a check by hand only warns of it."""
    made = folder()
    assert made.examined(environ={}).faults == ()
    with pytest.raises(SettingsError, match="the environment has no HOOK_SECRET"):
        made.loaded(environ={})


def test_the_example_of_the_design_reads_as_meant(folder: Callable[..., Any]) -> None:
    """Feeds, staff, rules as the design writes them become what it says they mean."""
    settings = folder(**DESIGN).settings()
    assert settings.feeds[0].every == timedelta(minutes=5)
    assert settings.feeds[0].reliability is Reliability.B
    closed, nearby = settings.rules
    assert closed.reach.within_km == tuple((severity, 50.0) for severity in Severity)
    assert closed.reach.flying_through_h == 72
    assert closed.groups == ("mali",)
    assert nearby.when.hazards == ("conflict", "violence", "crime")
    assert nearby.when.severity_at_least is Severity.SEVERE
    assert nearby.reach.within_km == (
        (Severity.EXTREME, "country"), (Severity.SEVERE, 100.0), (Severity.MODERATE, 50.0))
    assert nearby.quiet_hours is not None
    assert (nearby.quiet_hours.start, nearby.quiet_hours.end) == ("22:00", "06:00")
    assert nearby.send_after == timedelta(minutes=15)


def test_people_are_where_the_design_says(folder: Callable[..., Any]) -> None:
    """The office, the home, the trip and the flight of the design's traveller are known by place and time."""
    staff = folder(**DESIGN).settings().staff
    office, home, home_again, stay, flight = staff.locations
    assert (office.id, office.person, office.label) == ("bamako-office", None, "Bamako office")
    assert (office.place.name, office.place.country) == ("Bamako", "ML")
    assert (home.id, home.start, home.end) == ("p-017/home", None, datetime(2024, 9, 17, tzinfo=UTC))
    assert (home_again.start, home_again.end) == (datetime(2024, 9, 20, 4, 10, tzinfo=UTC), None)
    assert (stay.start, stay.end) == (datetime(2024, 9, 16, tzinfo=UTC), datetime(2024, 9, 21, tzinfo=UTC))
    assert (flight.label, [airport.id for airport in flight.airports]) == ("AF521 BKO-CDG", ["icao:GABS", "icao:LFPG"])
    assert flight.end == datetime(2024, 9, 20, 4, 10, tzinfo=UTC)
    assert staff.people[0].contact.email == "p017@example.org"


def test_what_is_left_out_has_safe_defaults(folder: Callable[..., Any]) -> None:
    """A configuration that says little tells people, keeps its store beside itself and judges no source."""
    made = folder(advisord="", feeds="feeds:\n  - {id: a, url: 'https://feeds.example.org/a'}\n")
    settings = made.settings()
    assert settings.mode == "live"
    assert settings.store_url == f"sqlite:///{made.path}/state/advisord.db"
    assert settings.feeds[0].reliability is Reliability.F
    assert not settings.feeds[0].allow_private


@pytest.mark.parametrize(("written", "url"), [
    ("postgresql://advisord@db.example.org/advisord", "postgresql+psycopg://advisord@db.example.org/advisord"),
    ("postgres://db.example.org:5433/a?sslmode=verify-full",
     "postgresql+psycopg://db.example.org:5433/a?sslmode=verify-full"),
    ("/var/lib/advisord/a.db", "sqlite:////var/lib/advisord/a.db"),
])
def test_the_store_is_a_file_or_a_database(folder: Callable[..., Any], written: str, url: str) -> None:
    """I name a file or a PostgreSQL database, and the store opens that."""
    assert folder(advisord=f"store: {written}\n").settings().store_url == url


def test_channels_carry_their_options_and_hide_their_secrets(folder: Callable[..., Any]) -> None:
    """What a channel needs is there by the documented names; a secret is in no repr."""
    made = folder(channels="""
channels:
  - id: email
    kind: smtp
    host: smtp.example.org
    user: advisord
    password_env: SMTP_PASSWORD
    from: Desk <desk@example.org>
    reply_to: duty@example.org
  - {id: desk, kind: file, audience: desk, folder: outbox}
  - {id: hook, kind: webhook, url: "https://hooks.example.org/in", secret_file: hook.secret, names: true}
""", extra={"hook.secret": f"{WHSEC}\n"})
    (made.path / "hook.secret").chmod(0o600)
    email, desk, hook = made.settings().channels
    assert dict(email.options) == {"host": "smtp.example.org", "port": "587", "tls": "starttls", "user": "advisord",
                                   "from": "Desk <desk@example.org>", "reply_to": "duty@example.org"}
    assert email.secrets["password"] == "hunter2"
    assert dict(desk.options) == {"folder": str(made.path / "outbox"), "from": "advisord@localhost"}
    assert dict(hook.options) == {"url": "https://hooks.example.org/in", "names": "true"}
    assert hook.secrets["secret"] == WHSEC
    assert "hunter2" not in repr(email)
    assert WHSEC not in repr(hook)


@pytest.mark.parametrize(("tls", "port"), [("starttls", "587"), ("tls", "465"), ("none", "25")])
def test_mail_goes_to_the_usual_port(folder: Callable[..., Any], tls: str, port: str) -> None:
    """I say how the connection is encrypted, and the port follows."""
    channels = f"channels:\n  - {{id: email, kind: smtp, host: localhost, tls: {tls}, from: a@example.org}}\n"
    rules = "rules:\n  - {id: r, when: {hazard: conflict}, advise: general, via: [email]}\n"
    email: Channel = folder(channels=channels, rules=rules).settings().channels[0]
    assert dict(email.options)["port"] == port


def test_every_missing_file_is_told(tmp_path: Path, known: Any) -> None:
    """In an empty folder I am told of all five files at once."""
    examined = examine(tmp_path, gazetteer=known.gazetteer, hazards=known.hazards, environ={})
    assert [fault.split(":")[0] for fault in examined.faults] == [
        "advisord.yaml", "feeds.yaml", "staff.yaml", "rules.yaml", "channels.yaml"]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path, known: Any) -> None:
    """A mistyped folder is one plain sentence."""
    examined = examine(tmp_path / "nowhere", gazetteer=known.gazetteer, hazards=known.hazards, environ={})
    assert examined.faults == (f"{tmp_path / 'nowhere'}: is no folder (advisord init writes one)",)


def test_faults_of_all_files_come_together(folder: Callable[..., Any]) -> None:
    """One run of check tells the faults of every file, in the order of the files."""
    faults = folder(advisord="mode: lve\n", feeds="feeds:\n  - {id: a}\n", channels="channels:\n  - {id: x}\n",
                    staff="desks:\n  - {id: a b}\n").examined().faults
    assert [fault.split(":")[0] for fault in faults if "rules" not in fault] == [
        "advisord.yaml", "feeds.yaml", "staff.yaml", "channels.yaml"]


def test_my_own_templates_and_seeds_come_first(folder: Callable[..., Any]) -> None:
    """A template beside my configuration can be named by a rule, and is looked for before the shipped ones."""
    made = folder(rules="rules:\n  - {id: r, when: {hazard: conflict}, advise: my-words, via: [email]}\n",
                  extra={"templates/my-words.en.txt.j2": "x", "seeds/lexicon/xx.yaml": ""})
    settings = made.settings()
    assert settings.templates_dirs == (str(made.path / "templates"), str(shipped("templates")))
    assert settings.seeds_dirs == (str(made.path / "seeds"), str(shipped("seeds")))


def test_the_frame_of_all_messages_is_no_advice(folder: Callable[..., Any]) -> None:
    """A rule names what to advise, not the page that the advice is set in."""
    rules = "rules:\n  - {id: r, when: {hazard: conflict}, advise: advisory, via: [email]}\n"
    assert [each for each in folder(rules=rules).examined().faults if "'advisory' is no template" in each]


@pytest.mark.parametrize(("files", "warning"), [
    ({"rules": "rules: []\n"}, "no rule is written; nobody will be told anything"),
    ({"feeds": "feeds: []\n"}, "no feed is named and enabled; nothing will be read"),
    ({"feeds": "feeds:\n  - {id: a, url: 'https://feeds.example.org/a'}\n"}, "has no reliability but F"),
    ({"feeds": "feeds:\n  - {id: a, url: 'https://feeds.example.org/a', every: 10s, reliability: B}\n"},
     "more than once a minute"),
    ({"feeds": "feeds:\n  - {id: a, url: 'file:articles', reliability: B}\n"}, "there is no folder"),
    ({"feeds": "feeds:\n  - {id: a, url: 'https://feeds.example.org/a', reliability: B}\n"
               "  - {id: b, url: 'https://feeds.example.org/a', reliability: B}\n"}, "the address of feed 'a' too"),
    ({"rules": "rules:\n  - {id: r, when: {hazard: conflict}, advise: general, via: [email]}\n"},
     "rules[0].via: p-002 has no e-mail address and can't be told by rule 'r'"),
    ({"rules": "rules:\n  - {id: r, when: {hazard: conflict}, advise: general, via: [email]}\n"},
     "no rule sends by 'hook'"),
], ids=["no-rule", "no-feed", "no-grade", "impolite", "no-folder", "twice", "no-address", "idle-channel"])
def test_what_looks_odd_is_told_without_stopping(folder: Callable[..., Any], files: dict[str, str],
                                                 warning: str) -> None:
    """A slip that could be meant is a warning, and the service starts."""
    warnings = folder(**files).loaded().warnings
    assert [each for each in warnings if warning in each]


PERSON = "  - {id: p-1, name: A, groups: [mali], contact: {email: a@example.org}"


@pytest.mark.parametrize(("mode", "stops"), [("shadow", True), ("live", False)])
def test_a_desk_must_be_within_reach(folder: Callable[..., Any], mode: str, stops: bool) -> None:
    """In shadow a desk that can't be told stops the start, else I am warned of it."""
    desk = staff("  - {id: p-1, name: A, groups: [mali], home: 'Gao, ML', contact: {email: a@example.org}}").replace(
        "{email: duty@example.org}", '{phone: "+41 22 555 01 00"}')
    examined = folder(advisord=f"mode: {mode}\n", staff=desk).examined()
    told = examined.faults if stops else examined.warnings
    assert [each for each in told if "no desk can be told anything" in each]
    assert bool(examined.faults) is stops


def staff(people: str) -> str:
    """A staff file with these people."""
    return f"""
desks:
  - {{id: duty, groups: [mali], contact: {{email: duty@example.org}}}}
sites:
  - {{id: office, place: "Bamako, ML", groups: [mali]}}
people:
{people}"""


@pytest.mark.parametrize(("people", "warning"), [
    ("  - {id: p-1, name: A, groups: [mali], home: '-8.0, 12.65', contact: {email: a@example.org}}",
     "latitude and longitude look swapped (-8, 12.65)"),
    ("  - {id: p-1, name: A, groups: [mali], home: '0, 0', contact: {email: a@example.org}}", "Gulf of Guinea"),
    ("  - {id: p-1, name: A, groups: [mali], home: Mali, contact: {email: a@example.org}}", "is a whole country"),
    ("  - {id: p-1, name: A, groups: [mali], home: 'Bamako, ML'}", "p-1 has neither e-mail address nor telephone"),
    (PERSON + ", home: 'Bamako, ML', trips: [{flight: AF521, from: BKO, to: CDG, "
              "departs: 2024-09-19T22:40+00:00, arrives: 2024-09-20T06:10+02:00}]}",
     "after 1 flight nothing says where the traveller is (p-1/AF521-20240919)"),
    (PERSON + "}", "p-1 has no home, site or trip"),
    (PERSON + ", trips: [{place: 'Bamako, ML', from: 2026-09-01, to: 2026-09-09}, "
              "{place: 'Gao, ML', from: 2026-09-04, to: 2026-09-12}]}",
     "p-1 is on two trips at once: Bamako and Gao"),
], ids=["swapped", "zero", "country", "nobody-to-call", "gap", "nowhere", "overlap"])
def test_people_who_look_wrong_are_told(folder: Callable[..., Any], people: str, warning: str) -> None:
    """I learn of coordinates that can't be meant and of people whom nothing can reach, before it matters."""
    assert [each for each in folder(staff=staff(people)).loaded().warnings if warning in each]


def test_a_return_home_is_no_gap(folder: Callable[..., Any]) -> None:
    """Out, a stay, and back again: nothing to tell."""
    people = PERSON + (
        ", timezone: UTC, home: 'Bamako, ML', trips: [{flight: AF521, from: BKO, to: CDG, "
        "departs: 2030-09-19T22:40+00:00, arrives: 2030-09-20T06:10+02:00}, "
        "{place: 'Paris, FR', from: 2030-09-20, to: 2030-09-24}, {flight: AF520, from: CDG, to: BKO, "
        "departs: 2030-09-24T16:10+02:00, arrives: 2030-09-24T19:40+00:00}]}")
    assert folder(staff=staff(people)).loaded().warnings == ()


def test_trips_that_are_over_are_told(folder: Callable[..., Any], known: Any) -> None:
    """A check on a given day tells me which trips I can take out."""
    made = folder(staff=staff("  - {id: p-1, name: A, groups: [mali], contact: {email: a@example.org}, trips: ["
                              "{place: 'Gao, ML', from: 2024-09-01, to: 2024-09-09}]}"))
    examined = examine(made.path, gazetteer=known.gazetteer, hazards=known.hazards, environ={},
                       now=datetime(2024, 9, 10, tzinfo=UTC))
    assert [each for each in examined.warnings if "1 trip lies in the past: p-1/stay-20240901" in each]


def test_nights_without_a_time_zone_are_told(folder: Callable[..., Any]) -> None:
    """A rule with quiet hours tells me for whom it would take the night of London."""
    rules = ("rules:\n  - {id: r, when: {hazard: conflict}, advise: general, via: [email], "
             "quiet_hours: {between: ['22:00', '06:00']}}\n")
    people = "  - {id: p-1, name: A, groups: [mali], home: 'Gao, ML', contact: {email: a@example.org}}"
    warnings = folder(rules=rules, staff=staff(people)).loaded().warnings
    assert [each for each in warnings if "p-1 has no time zone" in each]


def test_a_secret_file_that_all_can_read_is_told(folder: Callable[..., Any]) -> None:
    """A password that everybody on the machine can read is a warning with the command that helps."""
    made = folder(extra={"secret": WHSEC}, channels=(Path(__file__).parents[1] / "config/good/channels.yaml")
                  .read_text(encoding="utf-8").replace("secret_env: HOOK_SECRET", "secret_file: secret"))
    (made.path / "secret").chmod(0o644)
    assert [each for each in made.loaded().warnings if "can be read by everybody" in each]


def test_a_large_organisation_loads_in_seconds(tmp_path: Path, known: Any) -> None:
    """5,000 people and 200 rules are read and checked before anybody loses patience."""
    path = tmp_path / "config"
    shutil.copytree(Path(__file__).parents[1] / "config" / "good", path)
    towns = ("Bamako", "Ségou", "Gao", "Mopti", "Kayes", "Sikasso")
    people = "\n".join(
        f"  - id: q-{n}\n    name: A. {n}\n    groups: [mali]\n    timezone: Africa/Bamako\n"
        f"    contact: {{email: q{n}@example.org}}\n    home: '{towns[n % 6]}, ML'\n    trips:\n"
        f"      - {{place: 'Bamako, ML', from: 2024-09-16, to: 2024-09-20}}" for n in range(5000))
    rule = "  - {{id: r-{0}, when: {{hazard: conflict}}, reach: {{within_km: 50}}, advise: general, via: [email]}}"
    (path / "staff.yaml").write_text(staff(people), encoding="utf-8")
    (path / "rules.yaml").write_text("rules:\n" + "\n".join(rule.format(n) for n in range(200)), encoding="utf-8")
    began = time.process_time()
    examined = examine(path, gazetteer=known.gazetteer, hazards=known.hazards, environ={})
    assert (examined.faults, len(examined.settings.staff.people), len(examined.settings.rules)) == ((), 5000, 200)
    assert time.process_time() - began < 15  # 1.6 s on the machine this was written on
