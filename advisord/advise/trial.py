"""Template folders -> the faults of their templates, found before anybody needs them.

Every template is rendered on invented facts that use each part of it, in a child with limits on time and memory: a
sandbox alone lets `{{ 'a' * 1500000000 }}` take 1.5 GB (RELIABILITY). Run as `python -m advisord.advise.trial DIR …`;
prints the first fault, nothing when all is well.
"""
from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import blake2b
from pathlib import Path

from jinja2 import TemplateSyntaxError

from advisord.advise.alarming import ALARM
from advisord.advise.facts import (
    Altered,
    Candidate,
    Casualty,
    Facts,
    Later,
    Order,
    Source,
    Thing,
    Voice,
    Where,
)
from advisord.advise.languages import Clock
from advisord.advise.page import Page
from advisord.advise.sections import Section, sections_of
from advisord.advise.summing import SUMMARY, Found
from advisord.advise.templates import CALL, DIGEST, Templates, environment, frames_of
from advisord.advise.touching import Touch, someone_of
from advisord.errors import SeedError
from advisord.model import Alarm, Digest, Severity

SECONDS = 10  # of processor time; all shipped templates take one, three on a slow machine
PATIENCE = 120  # seconds by the clock, on a machine that has much else to do
MEMORY = 512 * 1024 * 1024  # bytes of address space beyond what the child has when it starts
SIZE = 200_000  # characters; the longest honest message is under 20,000
AT = datetime(2026, 3, 1, 6, 30, tzinfo=UTC)


def refuse_faulty(folders: tuple[Path, ...]) -> None:
    """Try every template of those folders in a child; SeedError names the file and line that fails."""
    command = [sys.executable, "-m", "advisord.advise.trial", *(str(folder) for folder in folders)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise SeedError(_of_death(error.stderr or b"", f"{PATIENCE} s by the clock")) from error
    if done.returncode or done.stdout.strip():
        said = done.stdout.decode(errors="replace").strip().splitlines()
        raise SeedError(said[-1] if said else _of_death(done.stderr, f"status {done.returncode}"))


def as_they_stand(folders: tuple[Path, ...]) -> str:
    """A digest of every template of those folders: while it is the same, what was tried need not be tried again."""
    whole = blake2b(digest_size=16)
    for folder in folders:
        for path in sorted(folder.rglob("*.j2")):
            data = path.read_bytes()
            whole.update(f"{path} {len(data)} ".encode("utf-8", "surrogateescape") + data)
    return whole.hexdigest()


def _of_death(stderr: bytes, how: str) -> str:
    """The template at which the child ended, which is the last that it named.

    It names each before it begins with it, unbuffered, so that the name is out whatever ends it.
    """
    last = (stderr.decode(errors="replace").strip().splitlines() or ["templates"])[-1]
    return f"{last[:200]}: takes too much time or memory to render ({how})"


def faults_of(folders: tuple[Path, ...]) -> Iterator[str]:
    """The first fault of each template that has one, as `file:line: what`."""
    made = environment(folders)
    templates = Templates(folders)
    for name in sorted(made.list_templates(filter_func=is_template)):
        try:
            made.get_template(name)
        except TemplateSyntaxError as error:
            yield f"{error.filename or name}:{error.lineno}: {error.message}"
    for language in sorted(templates.languages):
        for name, facts in _trials(templates, language):
            yield from _fault(templates, name, language, facts)


def is_template(name: str) -> bool:
    """Whether a file of the folder is one of a message; those of the page are tried where it is served."""
    return name.endswith(".j2") and not name.startswith("web/")


def _fault(templates: Templates, name: str, language: str, facts: Mapping[str, object]) -> Iterator[str]:
    # Should it be the end of this child, this is its last word
    sys.stderr.write(f"{name}\n")
    sys.stderr.flush()
    try:
        text = templates.raw(name, facts)
    except SeedError as error:
        yield str(error)
        return
    if len(text) > SIZE:
        yield f"{name}: writes {len(text)} characters; {SIZE} is the limit"
    if name.startswith("advisory.") and name.endswith(".txt.j2") and not _has_parts(text):
        yield f"{name}: has no section 'subject' or 'todo' for {language}"


def _has_parts(text: str) -> bool:
    return {"subject", "headline", "todo"} <= {each.name for each in sections_of(text, frozenset())}


# ---------------------------------------------------------------------------------------------------- invented facts


def _trials(templates: Templates, language: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Every frame and advice of a language with facts that enter each of its branches."""
    clock = Clock.of(templates.words(language), "Africa/Bamako")
    for facts in _situations():
        for audience in ("person", "desk", "system"):
            shared = _shared(facts, clock, audience)
            for name in templates.advices(language):
                yield name, {**shared, "about": facts.lead}
            yield frames_of(language)[0], shared
            yield frames_of(language)[0], {**shared, "touched_count": 0, "touched": (), "near_count": 0, "near": ()}
    page = {"pages": tuple(_pages()), "subject": "Trial", "language": language}
    yield frames_of(language)[1], page
    if templates.has(CALL, language):
        yield from ((f"{CALL}.{language}.txt.j2", facts) for facts in _calls(clock))
    if templates.has(DIGEST, language):
        yield f"{DIGEST}.{language}.html.j2", page
        yield from ((f"{DIGEST}.{language}.txt.j2", facts) for facts in _digests(clock))
    if templates.has(ALARM, language):
        yield f"{ALARM}.{language}.html.j2", page
        yield from ((f"{ALARM}.{language}.txt.j2", facts) for facts in _alarms(clock))
    if templates.has(SUMMARY, language):
        yield f"{SUMMARY}.{language}.html.j2", page
        found = tuple(Found(each, number) for number, each in enumerate(_situations()))
        yield from ((f"{SUMMARY}.{language}.txt.j2", {
            "feeds": feeds, "now": AT, "found": some, "found_count": 2 * len(some), "organisation": "Example",
            "clock": clock, "audience": "desk"})
            for some in (found, ()) for feeds in ((("A paper", 1),), (("A paper", 0), ("Another", 30))))


def _alarms(clock: Clock) -> Iterator[Mapping[str, object]]:
    """Every condition, with something to list and with nothing, begun and over; and one nobody thought of."""
    for condition in ("news-quiet", "feeds-quiet", "feeds-failing", "outbox-late", "reading-late", "disk-full",
                      "clock-jumped", "rows-damaged", "counts-unbalanced", "job-failing", "another"):
        for items, over, since in (((), False, None), (("one", "two"), True, AT), (("one",), False, AT)):
            yield {"alarm": Alarm(condition, AT, items, len(items), since, over), "items": items,
                   "items_count": 2 * len(items), "now": AT, "organisation": "Example", "clock": clock,
                   "audience": "desk"}


def _calls(clock: Clock) -> Iterator[Mapping[str, object]]:
    """A call about somebody who needs help, and about one who is silent, whom nobody can ring."""
    for phone, wanted in (("+1 555 0101", True), ("", False)):
        yield {"f": replace(_facts(), exercise=wanted), "clock": clock, "audience": "desk", "help": wanted, "now": AT,
               "person": "A. Person", "person_id": "p-1", "phone": phone, "touches": tuple(_touches()),
               "rule_ids": ("rule-1",)}


def _digests(clock: Clock) -> Iterator[Mapping[str, object]]:
    """A digest of one entry of each kind, and one of all."""
    entries = tuple(_shared(each, clock, "person") for each in _situations())
    for some in (*((each,) for each in entries), entries):
        for digest in (None, Digest("07:00"), Digest("07:00", 0, except_at_least=Severity.EXTREME)):
            yield {**some[0], "entries": some, "digest": digest, "exercise": True, "shadow": True}


def _pages() -> Iterator[Page]:
    """A page of each kind, with every section that a text frame may have."""
    url = "https://paper.example/1"
    names = ("together", "number", "entry", "banner", "changed", "todo", "happened", "why", "answer", "touched", "near",
             "reports", "sources", "foot")
    sections = tuple(Section(name, ("HEADING", f"A line & its link {url}"), frozenset({url})) for name in names)
    for kind in ("alert", "update", "correction", "all_clear", "status_unknown", "cancelled", "reminder", "merged"):
        yield Page(replace(_facts(), kind=kind), (Section("subject", ("Subject",), frozenset()), *sections), "")


def _shared(facts: Facts, clock: Clock, audience: str) -> Mapping[str, object]:
    touches = tuple(_touches())
    own = touches if audience == "person" else ()
    return {
        "f": facts, "clock": clock, "audience": audience, "organisation": "Example", "phone": "+1 555 0100", "now": AT,
        "you": tuple(each for each in own if each.kind != "flight"),
        "flights": tuple(each for each in own if each.kind == "flight"), "short": "keep away",
        "advice": ("Keep away.",), "advice_here": ("Go indoors.",), "advice_away": ("Do not go there.",),
        "away": tuple(each for each in own if each.away), "own": own,
        "touched": someone_of(touches), "touched_count": len(touches) + 1, "near": touches, "near_count": len(touches),
        "told": ("A. Person",), "told_count": 2, "travellers_at": AT,
        "later": (Later(AT, ("B. Person",), 2),) * 2, "later_count": 4, "settling": facts.unheard,
        "ceiling": "overall ceiling" if facts.unheard else "person ceiling", "held": ("C. Person",), "held_count": 2,
        "held_back": 2 if facts.unheard else 1,
        "together": ("One", "Two"), "number": 1,
        "answer": {"safe": "https://safe.example/a/1", "help": "https://safe.example/a/2"},
        "rule_ids": ("rule-1", "rule-2")}


def _touches() -> Iterator[Touch]:
    plain = Touch("stay", "stay in Bamako", "Bamako", 3, to_main=True, same_city=False, rules=("rule-1",),
                  advices=("general",), asked=(("general", "conflict.armed_attack"),), person_id="p-1",
                  person="A. Person", gate="distance", value="3.0 km", threshold="2 km")
    yield plain
    yield replace(plain, kind="home", label="home in Bamako", phone="+1 555 0101", starts_at=AT, same_city=True)
    yield replace(plain, kind="site", label="Bamako office", person="", person_id="", km=None, arrives=AT, away=True)
    yield replace(plain, kind="flight", label="XX1 AAA-BBB", km=None, airport="First Airport", at=AT, departs=True)
    yield replace(plain, kind="flight", label="XX2 AAA-BBB", km=None, airport="Second Airport", lands=True, away=True)


def _situations() -> Iterator[Facts]:
    """One situation for each kind of message, phase and kind of place."""
    base = _facts()
    yield base
    for kind in ("update", "correction", "all_clear", "status_unknown", "cancelled", "reminder", "merged"):
        yield replace(base, kind=kind, unheard=True)
        yield replace(base, kind=kind, exercise=True, unconfirmed=True, shadow=True)
        yield replace(base, kind=kind, word_of_end=None, changes=())
    for phase in ("ongoing", "planned", "threatened", "attempted", "ended"):
        thing = replace(base.main, phase=phase, ended=phase == "ended")
        yield replace(base, main=thing, lead=thing, certain=False, official=True, origins=1, credibility=5)
    for place in _places():
        thing = replace(base.main, place=place)
        yield replace(base, main=thing, lead=thing, expires_at=None, severity="Minor")


def _places() -> Iterator[Where | None]:
    yield None
    for kind in ("city", "admin1", "admin2", "country", "region", "airport", "facility", "water", "natural"):
        yield Where("Somewhere", kind, "ML", ("Somewhere", "Anywhere"), 5)
    yield Where("Nowhere", "country", None)


def _facts() -> Facts:
    city = Where("Bamako", "city", "ML", ("Bamako",), 2)
    main = Thing("conflict.armed_attack", "occurred", "Severe", city, "Bamako", ended=False, day=date(2026, 3, 1))
    closed = replace(main, code="transport.airport_closure", phase="ongoing", since=AT)
    cut = replace(main, code="infra.power_outage", phase="ended", since=AT, ended=True, ended_at=AT)
    curfew = replace(main, code="order.curfew", phase="planned", since=AT)
    source = Source("feed", "Some Paper", AT, "https://paper.example/1", "B", "It was said.", "A title", "occurred",
                    "conflict.armed_attack", official=False, seen_at=AT)
    return Facts(
        id="ML-2026-0301-1", version=2, kind="alert", reason="first", exercise=False, unconfirmed=False, shadow=False,
        decided_at=AT, expires_at=AT, severity="Severe", certain=True, lead=closed, main=main,
        consequences=(closed, cut, replace(cut, code="transport.airport_closure"), curfew,
                      replace(cut, code="order.curfew", phase="ended"),
                      replace(closed, code="transport.port_closure", unheard=True, last_at=AT)),
        casualties=(Casualty("killed", 2, 4, (Voice("army", "killed", "2"), Voice("group", "killed", "4"))),
                    Casualty("injured", None, 5), Casualty("abducted", 3, None), Casualty("injured", 0, 0)),
        claims=tuple(Voice("somebody", says, "so") for says in ("responsibility", "denial", "cause", "control")),
        orders=(Order("order.curfew", "governor", "people", "stay in"), Order("order.evacuation", "", "", "")),
        candidates=(Candidate("Bamako", "ML"), Candidate("Bamako", None)), sources=(source,) * 14, origins=3,
        credibility=2, reliability="B", official=False, opened_at=AT, last_report_at=AT, hours_silent=9,
        changes=tuple(_changes()), word_of_end=source)


def _changes() -> Iterator[Altered]:
    codes = {"hazard": "accident.explosion", "phase": "planned", "severity": "Moderate", "killed": "1-3",
             "injured": "2-", "abducted": "-5", "place": "Kati", "status": "cleared"}
    yield from (Altered(field, "", was) for field, was in codes.items())
    yield from (Altered(field, "", "") for field in ("reaches", "arrived", "confirmed", "killed"))
    yield from (Altered(field, "order.curfew", "") for field in ("began", "ended", "instruction"))
    yield Altered("ended", "infra.power_outage", "")
    yield Altered("unheard", "transport.port_closure", "")
    yield Altered("withdrawn", "transport.airport_closure", "Kati")


# ------------------------------------------------------------------------------------------------------------ child


def main() -> int:
    """Print the first fault of the folders named; 0 also then, since the fault is the answer."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    resource.setrlimit(resource.RLIMIT_AS, (4 * held + MEMORY, 4 * held + MEMORY))
    for fault in faults_of(tuple(Path(folder) for folder in sys.argv[1:])):
        sys.stdout.write(f"{fault}\n")
        break
    return 0


if __name__ == "__main__":
    sys.exit(main())
