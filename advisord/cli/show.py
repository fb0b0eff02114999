"""`advisord show INCIDENT`: everything about one incident, for the officer."""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from advisord.cli.incidents import where
from advisord.cli.options import CONFIG, environment, folder_of
from advisord.errors import AdvisordError
from advisord.model import Count, Exposure, Incident, SourcedReport
from advisord.store.store import Store
from advisord.wiring.workshop import Workshop


@click.command("show")
@click.argument("incident_id", metavar="INCIDENT")
@CONFIG
@click.option("--store", "store_url", help="SQLAlchemy URL of another store than the configuration's.")
def command(incident_id: str, folder: Path | None, store_url: str | None) -> None:
    """Show one incident: what is known and who says so, who is touched, what was sent and how it ended."""
    workshop = Workshop(folder_of(folder), environ=environment(), store_url=store_url)
    try:
        store = workshop.store()
        incident = incident_of(store, incident_id)
        console = Console()
        console.print(Panel(_facts(incident), title=f"{incident.id}  {incident.hazard}", title_align="left"))
        for part in _parts(store, incident):
            console.print(part)
    except AdvisordError as error:
        raise click.ClickException(str(error)) from error
    workshop.close()


def incident_of(store: Store, incident_id: str) -> Incident:
    """The incident of that id; a usage error that names the nearest where there is none."""
    incident = store.incident(incident_id)
    if incident is None:
        known = ", ".join(each.id for each in store.incidents(limit=5)) or "none yet"
        raise click.UsageError(f"no incident {incident_id!r}; the latest: {known}")
    return incident


def _facts(incident: Incident) -> RenderableType:
    rows = [
        ("status", f"{'EXERCISE, ' if incident.exercise else ''}{incident.status}, {incident.phase}"),
        ("where", where(incident)),
        ("when", incident.start or "not told"),
        ("CAP", f"severity {incident.severity}, urgency {incident.urgency}, certainty {incident.certainty}"),
        ("sure", f"credibility {incident.credibility} from {incident.origins} independent origins"),
        *[(name, count) for name, count in (("killed", _range(incident.killed)), ("injured", _range(incident.injured)),
                                            ("abducted", _range(incident.abducted))) if count],
        *[(actor.role, f"{actor.name} ({actor.attribution})") for actor in incident.actors],
        *[("claim", f"{claim.by} on {claim.says}: {claim.value}") for claim in incident.claims],
        *[("consequence", f"{each.hazard} {each.phase}, since {each.since:%a %d %b %H:%M} UTC"
                          + (f", ended {each.ended_at:%a %d %b %H:%M} UTC" if each.ended_at else ""))
          for each in incident.consequences],
        *[("instruction", f"{each.issuer or 'somebody'} to {each.audience or 'all'}: “{each.quote}”")
          for each in incident.instructions],
    ]
    table = Table.grid(padding=(0, 2))
    for name, value in rows:
        table.add_row(Text(name, style="dim"), Text(value))
    return table


def _range(count: Count | None) -> str:
    if count is None:
        return ""
    if count.min == count.max:
        return str(count.min)
    return f"{count.min or 0} to {count.max}" if count.max is not None else f"at least {count.min}"


def _parts(store: Store, incident: Incident) -> Iterator[RenderableType]:
    yield Group(Text("Reports", style="bold"), *[_report(each) for each in incident.reports])
    touched = Table("Person", "By", "Distance", "Rule", "Hazard", title="Touched", title_justify="left")
    for exposure in store.exposures(incident.id):
        touched.add_row(exposure.person_id or "(site)", exposure.via, _distance(exposure), exposure.rule_id,
                        exposure.hazard)
    yield touched
    sent = Table("Created", "To", "Channel", "State", "Attempts", "Last word", title="Sent", title_justify="left")
    for delivery in store.deliveries(incident.id):
        attempts = store.attempts(delivery.id)
        last = f"{attempts[-1].at:%H:%M:%S} {attempts[-1].outcome.detail}" if attempts else ""
        sent.add_row(f"{delivery.created_at:%a %d %b %H:%M}", delivery.recipient, delivery.channel, delivery.state,
                     str(delivery.attempts), last)
    yield sent
    yield from _answers(store, incident)


def _answers(store: Store, incident: Incident) -> Iterator[RenderableType]:
    """The head count, and every answer as it came."""
    count = store.answers.headcount(incident.id)
    if not count.total:
        return
    told = (("safe", count.safe), ("need help", count.help), ("no answer", count.silent),
            ("not reached", count.unreached), ("not told yet", count.waiting))
    yield Text("Head count: " + ", ".join(f"{len(people)} {name}" for name, people in told), style="bold")
    for name, people in told[1:4]:
        if people:
            yield Text(f"  {name}: {', '.join(people)}")
    for each in store.answers.of(incident.id):
        by = f", noted by {each.by}" if each.by else ""
        yield Text(f"  {each.at:%a %d %b %H:%M} UTC  {each.person_id}: {each.wellbeing} ({each.way}{by})")


def _report(each: SourcedReport) -> Text:
    grade = f"{each.feed_id} ({each.reliability}{', official' if each.official else ''})"
    gone = ", withdrawn" if each.withdrawn else ""
    line = Text(f"  {each.seen_at:%a %d %b %H:%M}  {grade}  {each.report.hazard} {each.report.phase}{gone}\n")
    line.append(f"    “{each.sentence}”", style="italic")
    line.append(f"\n    {each.url}" if each.url else "", style="dim")
    return line


def _distance(exposure: Exposure) -> str:
    return f"{exposure.distance_km:.1f} km" if exposure.distance_km is not None else ""

