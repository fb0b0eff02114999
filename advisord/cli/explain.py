"""`advisord explain INCIDENT PERSON`: why told, or why not, every gate with value and threshold."""
from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from advisord.cli.options import CONFIG, environment, folder_of, instant
from advisord.cli.show import incident_of
from advisord.errors import AdvisordError
from advisord.match.explain import Explanation, explain
from advisord.match.index import Index
from advisord.model import Decision, Gate, Incident
from advisord.store.store import Store
from advisord.wiring.workshop import Workshop


@click.command("explain")
@click.argument("incident_id", metavar="INCIDENT")
@click.argument("person_id", metavar="PERSON")
@CONFIG
@click.option("--store", "store_url", help="SQLAlchemy URL of another store than the configuration's.")
@click.option("--at", help="Judge the gates at this ISO 8601 instant [default: now].")
def command(incident_id: str, person_id: str, folder: Path | None, store_url: str | None, at: str | None) -> None:
    """Tell why PERSON was told of INCIDENT, or why not: what was decided, what was sent, and every rule's gates."""
    workshop = Workshop(folder_of(folder), environ=environment(), store_url=store_url)
    try:
        store = workshop.store()
        incident = incident_of(store, incident_id)
        console = Console()
        _decided(console, store, incident, person_id)
        _gates(console, workshop, incident, person_id, instant(at) if at else datetime.now(UTC))
    except AdvisordError as error:
        raise click.ClickException(str(error)) from error
    workshop.close()


def _decided(console: Console, store: Store, incident: Incident, person_id: str) -> None:
    recipient = f"person:{person_id}"
    decisions = store.decisions(incident.id, recipient)
    console.print(f"[bold]What was decided[/bold] about {recipient} and {incident.id} ({incident.hazard})")
    for decision in decisions:
        console.print(Text(f"  {decision.at:%a %d %b %H:%M:%S} UTC  {decision.verdict}{_because(decision)}"))
    if not decisions:
        console.print("  nothing: no rule brought this person and this incident together")
    console.print("[bold]What was sent[/bold]")
    sent = [each for each in store.deliveries(incident.id) if each.recipient == recipient]
    for delivery in sent:
        last = store.attempts(delivery.id)[-1:]
        console.print(Text(f"  {delivery.created_at:%a %d %b %H:%M:%S} UTC  {delivery.channel}  {delivery.state}"
                           + "".join(f": {each.outcome.detail}" for each in last)))
    if not sent:
        console.print("  nothing")
    for answer in (each for each in store.answers.of(incident.id) if each.person_id == person_id):
        console.print(Text(f"  answered {answer.at:%a %d %b %H:%M:%S} UTC  {answer.wellbeing} ({answer.way}"
                           + (f", noted by {answer.by})" if answer.by else ")")))
    console.print("[bold]What the sources wrote[/bold]")
    for each in incident.reports:
        taken_back = ", withdrawn" if each.withdrawn else ""
        console.print(Text(f"  {each.seen_at:%a %d %b %H:%M} UTC  {each.feed_id} ({each.reliability}{taken_back}), "
                           f"{each.report.hazard} {each.report.phase}: “{each.sentence or each.title}”"))


def _because(decision: Decision) -> str:
    return "".join(f"\n      {_words(gate)}" for gate in decision.gates)


def _words(gate: Gate) -> str:
    return f"{'✓' if gate.passed else '✗'} {gate.name}: {gate.value} (asked: {gate.threshold})"


def _gates(console: Console, workshop: Workshop, incident: Incident, person_id: str, now: datetime) -> None:
    """Every rule against every place of the person, as the configuration stands now; what came furthest first."""
    settings = workshop.settings()
    known = {each.id for each in settings.staff.people} | {each.id for each in settings.staff.locations}
    if person_id not in known:
        console.print(f"Nobody in staff.yaml has the id {person_id!r}, so no rule can be judged.", style="red")
        return
    if incident.ended_at is not None and incident.ended_at <= now:
        console.print(Text(f"The incident is over ({incident.status} since {incident.ended_at:%a %d %b %H:%M} UTC): "
                           "what was decided while it lasted stands above."))
    console.print(f"[bold]Every rule and place[/bold], judged at {now:%a %d %b %H:%M} UTC by the present configuration")
    for each in explain(incident, person_id, rules=settings.rules, staff=Index.of(settings.staff),
                        hazards=workshop.hazards, now=now):
        console.print(_table(each))


def _table(explanation: Explanation) -> Table:
    where = explanation.location.label if explanation.location else "no place known"
    how = "reached" if explanation.is_reached else "not reached"
    table = Table("", "Gate", "Value", "Asked", title=f"{explanation.rule_id} ({explanation.hazard}) × {where}: {how}",
                  title_justify="left", title_style="bold")
    for gate in explanation.gates:
        table.add_row("✓" if gate.passed else "✗", gate.name, Text(gate.value), Text(gate.threshold),
                      style=None if gate.passed else "red")
    return table
