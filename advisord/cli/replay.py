"""`advisord replay`: what these rules would have sent over the stored past, as a difference to what was sent."""
from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from advisord.cli.options import CONFIG, environment, folder_of, instant
from advisord.errors import AdvisordError, SettingsError
from advisord.wiring.rehearsal import Kit
from advisord.wiring.replay import Line, Replayed, Sent, replay
from advisord.wiring.workshop import Workshop

SIGNS = {"add": "+", "drop": "-", "change": "~"}
USUAL = timedelta(days=30)


@click.command("replay")
@CONFIG
@click.option("--store", "store_url", help="SQLAlchemy URL of another store than the configuration's.")
@click.option("--from", "since", metavar="INSTANT", help="ISO 8601 day or instant [default: 30 days before --to].")
@click.option("--to", "until", metavar="INSTANT", help="ISO 8601 day or instant [default: now].")
@click.option("--rules", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Take the rules of this file instead of the configuration's.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(folder: Path | None, store_url: str | None, since: str | None, until: str | None, rules: Path | None, *,
            as_json: bool) -> None:
    """Tell what would have been sent over the stored past by the staff, rules and program of now.

    Nothing is fetched, read again, stored or sent. `+` would have been sent and was not, `-` was sent and would not
    have been, `~` would have been sent otherwise. Exercises are left out.
    """
    end = instant(until) if until else datetime.now(UTC)
    begin = instant(since) if since else end - USUAL
    if begin >= end:
        raise click.UsageError("--from must be before --to")
    workshop = Workshop(folder_of(folder), environ=environment(), store_url=store_url)
    try:
        settings = workshop.settings_with(rules) if rules else workshop.settings()
        found = replay(workshop.store(), settings, Kit(workshop.hazards, workshop.tables, workshop.analyser.analyse),
                       since=begin, until=end)
    except SettingsError as error:
        raise click.ClickException("\n".join(map(str, error.faults))) from error
    except AdvisordError as error:
        raise click.ClickException(str(error)) from error
    finally:
        workshop.close()
    click.echo(json.dumps(_json(found), indent=1, ensure_ascii=False) if as_json else "\n".join(_text(found)))


def _text(found: Replayed) -> Iterator[str]:
    yield (f"{found.since:%Y-%m-%d %H:%M} to {found.until:%Y-%m-%d %H:%M} UTC: {found.incidents} incidents of "
           f"{found.reports} reports")
    for line in found.lines:
        advisory = line.sent.advisory
        place = advisory.incident.place
        where = f", {place.name}" if place and place.name else ""
        yield (f"{SIGNS[line.what]} {advisory.recipient}  {advisory.incident.id}  {line.sent.kind}: {advisory.hazard}"
               f"{where}, {advisory.severity}, {advisory.decided_at:%a %d %b %H:%M}, by {_rules(line.sent)}")
        yield from (f"    {each}" for each in line.why)
    changed = f", change {found.count('change')}" if found.count("change") else ""
    yield (f"would add {found.count('add')}, drop {found.count('drop')}{changed}; {found.same} messages would go as "
           "they did")


def _rules(sent: Sent) -> str:
    return ", ".join(sent.advisory.rule_ids) or "no rule"


def _json(found: Replayed) -> dict[str, object]:
    return {"from": found.since.isoformat(), "to": found.until.isoformat(), "incidents": found.incidents,
            "reports": found.reports, "add": found.count("add"), "drop": found.count("drop"),
            "change": found.count("change"), "same": found.same, "lines": [_line(each) for each in found.lines]}


def _line(line: Line) -> dict[str, object]:
    advisory = line.sent.advisory
    return {"what": line.what, "recipient": advisory.recipient, "incident": advisory.incident.id,
            "message": line.sent.kind, "reason": advisory.reason, "hazard": advisory.hazard,
            "severity": advisory.severity, "at": advisory.decided_at.isoformat(), "rules": list(advisory.rule_ids),
            "via": list(line.sent.channels), "why": list(line.why)}
