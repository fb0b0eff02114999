"""Every golden case of tests/cases/<language>/*.yaml: a text and the reports that a duty officer would make of it.

docs/evaluation.md tells the format. A key that a case does not state is not checked; a report that is current and
that the case does not state fails it, unless its hazard is among the case's `also`.
"""
from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from advisord.extract.analyse import Analyser
from advisord.extract.contract import answer_of
from advisord.model import Article
from advisord.settings.seeds import seeds_of
from advisord.text.fold import fold
from advisord.wiring import analyser

Json = dict[str, Any]

FOLDER = Path(__file__).resolve().parents[1] / "cases"
SILENT = {"background", "denied", "exercise"}
COUNTS = ("killed", "injured", "abducted")
KEYS = {"hazard", "phase", "place", "country", "start", "end", "severity", "perpetrator", "attribution", "instruction",
        *COUNTS}
CASE_KEYS = {"id", "kind", "title", "text", "country", "published", "reports", "none_current", "also", "known_fault"}


def _cases() -> list[Any]:
    """Every case of every file as a test parameter, named <language>/<file>/<id>."""
    found = []
    for path in sorted(FOLDER.glob("*/*.yaml")):
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
        for case in told["cases"]:
            fault = case.get("known_fault")
            marks = [pytest.mark.xfail(reason=fault, strict=True)] if fault else []
            found.append(pytest.param(case, told["language"], _instant(case.get("published", told["published"])),
                                      id=f"{path.parent.name}/{path.stem}/{case['id']}", marks=marks))
    return found


def _instant(given: object) -> datetime:
    return given if isinstance(given, datetime) and given.tzinfo else datetime.fromisoformat(str(given)).replace(
        tzinfo=UTC)


@pytest.fixture(scope="session")
def understanding() -> Analyser:
    """The shipped understanding, built once."""
    return analyser(seeds_of())


@pytest.mark.parametrize(("case", "language", "published"), _cases())
def test_case(understanding: Analyser, case: Json, language: str, published: datetime) -> None:
    """The article gives the reports that its case states, and no other current one."""
    assert set(case) <= CASE_KEYS
    article = Article(id=case["id"], title=case.get("title", ""), text=case["text"].strip(), published=published,
                      language=language, country=case.get("country"))
    reports = answer_of(case["id"], understanding.analyse(article))["reports"]
    told = [_told(report) for report in reports]
    left = list(reports)
    for wanted in case.get("reports", []):
        assert set(wanted) <= KEYS
        found = next((report for report in left if not _faults(wanted, report)), None)
        assert found is not None, f"no report is {wanted}; nearest lacks {_nearest(wanted, left)}; told: {told}"
        left.remove(found)
    tolerated = case.get("also", [])
    surplus = [report for report in left if report["phase"] not in SILENT and report["hazard"] not in tolerated]
    assert not surplus, f"not expected: {[_told(report) for report in surplus]}"


def _faults(wanted: Json, report: Json) -> list[str]:
    """The keys in which the report is not what is wanted."""
    given = report["place"] or {}
    people = [(actor["name"], actor["attribution"]) for actor in report["actors"] if actor["role"] == "perpetrator"]
    right = {
        "hazard": report["hazard"] in _list(wanted.get("hazard")),
        "phase": report["phase"] in _list(wanted["phase"]) if "phase" in wanted else report["phase"] not in SILENT,
        "place": bool({_plain(given.get("name")), _plain(given.get("surface"))} & set(
            map(_plain, _list(wanted.get("place"))))),
        "country": given.get("country") in _list(wanted.get("country")),
        "start": (report["start"] or "")[:10] == str(wanted.get("start")),
        "end": (report["end"] or "")[:10] == str(wanted.get("end")),
        "severity": report["severity"] in _list(wanted.get("severity")),
        "perpetrator": any(fold(str(wanted.get("perpetrator"))) in fold(name) for name, _ in people),
        "attribution": any(attribution == wanted.get("attribution") for _, attribution in people),
        "instruction": any(each["kind"] == wanted.get("instruction") for each in report["instructions"]),
        **{key: report[key] == _range(wanted.get(key)) for key in COUNTS},
    }
    return [key for key, is_right in right.items() if not is_right and (key in wanted or key == "phase")]


def _nearest(wanted: Json, reports: list[Json]) -> list[str]:
    return min((_faults(wanted, report) for report in reports), key=len, default=["everything"])


def _range(stated: object) -> Json | None:
    """A number means exactly it, a pair `[min, max]`, null that nothing is said."""
    if stated is None:
        return None
    low, high = stated if isinstance(stated, list) else (stated, stated)
    return {"min": low, "max": high}


def _list(stated: object) -> list[Any]:
    return stated if isinstance(stated, list) else [stated]


def _plain(name: object) -> str:
    return fold(str(name or "")).replace("-", " ").strip()


def _told(report: Json) -> str:
    place = report["place"] or {}
    counts = {key: report[key] for key in COUNTS if report[key]}
    return f"{report['hazard']} {report['phase']} {place.get('name')}/{place.get('country')} {report['start']} {counts}"
