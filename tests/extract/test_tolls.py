"""What the sentences of an article tell of harm, taken together: everybody once, by the worst that is told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from advisord.extract.analyse import Analyser
from advisord.model import Article, Report
from advisord.settings.seeds import seeds_of
from advisord.wiring import analyser

PUBLISHED = datetime(2026, 3, 12, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def understanding() -> Analyser:
    """The shipped understanding."""
    return analyser(seeds_of())


def told(understanding: Analyser, text: str, language: str) -> list[tuple[int | None, int | None] | None]:
    """Killed, injured and abducted of the first report."""
    article = Article(id="1", text=text, published=PUBLISHED, language=language)
    report: Report = understanding.analyse(article).reports[0]
    return [(count.min, count.max) if count else None for count in (report.killed, report.injured, report.abducted)]


@pytest.mark.parametrize(
    ("language", "text", "killed", "injured", "abducted"),
    [
        pytest.param("en", "Gunmen shot dead a guard in Kano on Tuesday, and a driver was shot dead as he fled, police"
                     " said.", (2, 2), None, None, id="other people of one sentence are added"),
        pytest.param("en", "Gunmen killed five people in Kano on Tuesday. Two others died in hospital, police said.",
                     (7, 7), None, None, id="others are added"),
        pytest.param("en", "A bomb killed 20 people in Kano on Tuesday, police said. The hospital counted 24 dead.",
                     (20, 24), None, None, id="two counts make a range"),
        pytest.param("en", "Gunmen kidnapped four nurses in Kano on Tuesday. Two were killed, police said.",
                     (2, 2), None, (2, 2), id="hostages who died are killed"),
        pytest.param("en", "A priest was kidnapped in Kano on Tuesday and later found dead, police said.",
                     (1, 1), None, None, id="a hostage found dead"),
        pytest.param("en", "Gunmen in Kano shot three traders on Tuesday; all three were killed, police said.",
                     (3, 3), None, None, id="shot and killed are killed"),
        pytest.param("fr", "Des hommes armés ont tué deux gardes, une infirmière et un chauffeur mardi à Gao, selon la"
                     " police.", (4, 4), None, None, id="French list"),
        pytest.param("fr", "Deux employés d'une ONG, dont un chauffeur, ont été enlevés mardi près de Gao.",
                     None, None, (2, 2), id="French part of a group"),
        pytest.param("fr", "Amadou Diallo a été assassiné mardi à Gao par des hommes armés, selon la police.",
                     (1, 1), None, None, id="French name"),
        pytest.param("es", "Juan Pérez, de 24 años, fue asesinado a tiros el martes en Cali, informó la policía.",
                     (1, 1), None, None, id="Spanish name with age"),
        pytest.param("es", "Hombres armados mataron a dos guardias, una enfermera y un chofer el martes en Cali.",
                     (4, 4), None, None, id="Spanish list"),
        pytest.param("pt", "João Silva foi assassinado a tiros na terça-feira em Recife, informou a polícia.",
                     (1, 1), None, None, id="Portuguese name"),
        pytest.param("pt", "Homens armados mataram dois guardas, uma enfermeira e um motorista na terça em Recife.",
                     (4, 4), None, None, id="Portuguese list"),
        pytest.param("ar", "قتل مسلحون ثلاثة جنود وأصابوا خمسة مدنيين في هجوم على حاجز في الموصل يوم الثلاثاء.",
                     (3, 3), (5, 5), None, id="Arabic killed and injured"),
    ],
)
def test_everybody_is_counted_once(
    understanding: Analyser, language: str, text: str, *, killed: tuple[int, int] | None,
    injured: tuple[int, int] | None, abducted: tuple[int, int] | None
) -> None:
    """An article's numbers of people are added, widened or replaced as a reader would do it."""
    assert told(understanding, text, language) == [killed, injured, abducted]
