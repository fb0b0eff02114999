"""Analysis -> the JSON object of design contract `analyse`: keys, order and nulls exactly as told there.

A module of its own because others show it too (the page, webhooks, the demo). Only this file knows the key names.
"""
from __future__ import annotations

from typing import Any

from advisord.model import Analysis, Count, Mention, Report

Json = dict[str, Any]


def answer_of(identity: str, analysis: Analysis) -> Json:
    """The whole answer for one article."""
    return {"id": identity, "language": analysis.language,
            "places": [place_of(mention) for mention in analysis.places],
            "reports": [report_of(report) for report in analysis.reports]}


def place_of(mention: Mention) -> Json:
    """PLACE."""
    place = mention.place
    return {
        "field": mention.field, "start": mention.start, "end": mention.end, "surface": mention.surface,
        "kind": place.kind.value, "id": place.id, "name": place.name, "lat": place.lat, "lon": place.lon,
        "country": place.country, "admin1": place.admin1, "confidence": round(place.confidence, 3),
        "alternatives": [{"id": each.id, "name": each.name, "country": each.country,
                          "confidence": round(each.confidence, 3)} for each in place.alternatives],
    }


def report_of(report: Report) -> Json:
    """REPORT."""
    return {
        "hazard": report.hazard, "acled": report.acled, "phase": report.phase.value,
        "place": place_of(report.place) if report.place else None,
        "precision": report.precision.value if report.precision else None, "uncertainty_km": report.uncertainty_km,
        "start": report.start, "end": report.end,
        "severity": report.severity.value, "urgency": report.urgency.value, "certainty": report.certainty.value,
        "killed": _range(report.killed), "injured": _range(report.injured), "abducted": _range(report.abducted),
        "actors": [{"name": each.name, "role": each.role, "attribution": each.attribution} for each in report.actors],
        "claims": [{"by": each.by, "says": each.says, "value": each.value, "field": each.field, "start": each.start,
                    "end": each.end} for each in report.claims],
        "instructions": [{"kind": each.kind, "issuer": each.issuer, "audience": each.audience, "quote": each.quote}
                         for each in report.instructions],
        "evidence": [{"field": each.field, "start": each.start, "end": each.end, "of": each.of}
                     for each in report.evidence],
    }


def _range(count: Count | None) -> Json | None:
    return {"min": count.min, "max": count.max} if count else None
