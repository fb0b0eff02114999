"""Who is said to have done it, and who claims it: only those of whom the article says so."""
from __future__ import annotations

import pytest

from advisord.extract.analyse import Analyser
from advisord.model import Article
from advisord.settings.seeds import seeds_of
from advisord.wiring import analyser


@pytest.fixture(scope="module")
def understanding() -> Analyser:
    """The shipped understanding, built once."""
    return analyser(seeds_of())


@pytest.mark.parametrize(("text", "doers", "claimants"), [
    pytest.param("The al-Qaeda-linked group JNIM claimed responsibility for an armed attack in Bamako on Sunday.",
                 ["JNIM"], ["JNIM"], id="linked group, en"),
    pytest.param("Le groupe JNIM, lié à Al-Qaïda, a revendiqué l'attaque armée de Bamako dimanche.",
                 ["JNIM"], ["JNIM"], id="linked group, fr"),
    pytest.param("El grupo ELN, vinculado a Al-Qaida, reivindicó el ataque armado en Cali el domingo.",
                 ["ELN"], ["ELN"], id="linked group, es"),
    pytest.param("Homens armados de um grupo ligado ao Estado Islâmico atacaram uma aldeia em Palma no domingo.",
                 [], [], id="linked group, pt"),
    pytest.param("Gunmen attacked a market in Bamako on Sunday. The gunmen fled. The attackers burned houses.",
                 ["gunmen"], [], id="the same people called otherwise"),
    pytest.param("Gunmen attacked a market in Bamako on Sunday. The army has turned to the Wagner Group for support, "
                 "yet the violence continues.", ["gunmen"], [], id="a group beside the deed"),
])
def test_doers_and_claimants(understanding: Analyser, text: str, doers: list[str], claimants: list[str]) -> None:
    """Nobody is named as perpetrator or claimant whom the article does not call so, and each once."""
    report = next(each for each in understanding.analyse(Article(id="1", title="", text=text)).reports
                  if each.hazard == "conflict.armed_attack")
    assert [each.name.casefold() for each in report.actors if each.role == "perpetrator"] == [
        each.casefold() for each in doers]
    assert [each.by for each in report.claims] == claimants


@pytest.mark.parametrize(("language", "text", "name", "attribution"), [
    pytest.param("en", "JNIM claimed responsibility for the armed attack in Bamako on Sunday.", "JNIM", "claimed",
                 id="claimed, en"),
    pytest.param("en", "The army blamed JNIM for the armed attack in Bamako on Sunday.", "JNIM", "suspected",
                 id="suspected, en"),
    pytest.param("en", "Fighters of JNIM carried out an armed attack in Bamako on Sunday.", "JNIM", "stated",
                 id="stated, en"),
    pytest.param("en", "JNIM denied a role in the armed attack in Bamako that killed three people on Sunday.", "JNIM",
                 "denied", id="denied, en"),
    pytest.param("fr", "Le JNIM a revendiqué l'attaque armée de dimanche à Bamako.", "JNIM", "claimed",
                 id="claimed, fr"),
    pytest.param("fr", "L'attaque armée de dimanche à Bamako est attribuée au JNIM.", "JNIM", "suspected",
                 id="suspected, fr"),
    pytest.param("fr", "Le JNIM a mené dimanche une attaque armée à Bamako.", "JNIM", "stated", id="stated, fr"),
    pytest.param("fr", "Une attaque armée a fait trois morts dimanche à Bamako. Le JNIM a démenti en être l'auteur.",
                 "JNIM", "denied", id="denied, fr"),
    pytest.param("es", "El ELN se atribuyó el ataque armado del domingo en Cali.", "ELN", "claimed", id="claimed, es"),
    pytest.param("es", "El ejército culpó al ELN del ataque armado del domingo en Cali.", "ELN", "suspected",
                 id="suspected, es"),
    pytest.param("es", "Guerrilleros del ELN lanzaron el domingo un ataque armado en Cali.", "ELN", "stated",
                 id="stated, es"),
    pytest.param("es", "Un ataque armado dejó tres muertos el domingo en Cali. El ELN negó su participación.",
                 "ELN", "denied", id="denied, es"),
    pytest.param("pt", "O Estado Islâmico reivindicou o ataque armado de domingo em Palma.", "Islamic State",
                 "claimed", id="claimed, pt"),
    pytest.param("pt", "O governo acusou o Boko Haram do ataque armado de domingo em Maiduguri.", "Boko Haram",
                 "suspected", id="suspected, pt"),
    pytest.param("pt", "Combatentes do Boko Haram lançaram um ataque armado no domingo em Maiduguri.", "Boko Haram",
                 "stated", id="stated, pt"),
    pytest.param("pt", "O Boko Haram negou o ataque armado de domingo em Maiduguri, que matou três pessoas.",
                 "Boko Haram", "denied", id="denied, pt"),
    pytest.param("ar", "تبنت حركة الشباب الهجوم المسلح الذي وقع في مقديشو يوم الأحد.", "al-Shabaab", "claimed",
                 id="claimed, ar"),
    pytest.param("ar", "اتهمت الحكومة حركة الشباب بالهجوم المسلح الذي وقع في مقديشو يوم الأحد.", "al-Shabaab",
                 "suspected", id="suspected, ar"),
    pytest.param("ar", "نفذت حركة الشباب هجوما مسلحا في مقديشو يوم الأحد.", "al-Shabaab", "stated", id="stated, ar"),
    pytest.param("ar", "أسفر هجوم مسلح عن مقتل ثلاثة أشخاص في مقديشو يوم الأحد. ونفت حركة الشباب تنفيذ الهجوم.",
                 "al-Shabaab", "denied", id="denied, ar"),
])
def test_attribution(understanding: Analyser, language: str, text: str, name: str, attribution: str) -> None:
    """A group is named with how its part is known, in every language."""
    reports = understanding.analyse(Article(id="1", text=text, language=language)).reports
    told = {(each.name.casefold(), each.attribution) for report in reports for each in report.actors
            if each.role == "perpetrator"}
    assert (name.casefold(), attribution) in told


@pytest.mark.parametrize(("language", "text", "claims"), [
    pytest.param("en", "A bomb killed at least five people in Kano on Wednesday, police said. The hospital said it had "
                 "counted seven dead and 20 wounded.",
                 [("police", "killed", "at least five people"), ("hospital", "killed", "seven"),
                  ("hospital", "injured", "20")], id="numbers, en"),
    pytest.param("en", "Rebels said they had taken control of the airport in Goma on Wednesday.",
                 [("Rebels", "control", "the airport in Goma on Wednesday")], id="control, en"),
    pytest.param("en", "The fire at a hotel in Nice on Wednesday was caused by a short circuit, the fire service said. "
                 "Three guests died.",
                 [("fire service", "cause", "a short circuit")], id="cause, en"),
    pytest.param("fr", "Une bombe a tué cinq personnes mercredi à Gao, selon la police. Un médecin a fait état de "
                 "sept morts.", [("police", "killed", "cinq personnes"), ("Un médecin", "killed", "sept")],
                 id="numbers, fr"),
    pytest.param("fr", "L'incendie de l'hôtel mercredi à Nice a été causé par un court-circuit, ont indiqué les "
                 "pompiers.",
                 [("pompiers", "cause", "un court-circuit")], id="cause, fr"),
    pytest.param("es", "Una explosión causada por una fuga de gas mató a tres personas el miércoles en Lima, "
                 "informaron los bomberos.", [("bomberos", "killed", "tres personas"),
                                             ("bomberos", "cause", "una fuga de gas")],
                 id="cause, es"),
    pytest.param("pt", "Um ataque armado matou quatro pessoas na quarta-feira em Palma, disse a polícia.",
                 [("polícia", "killed", "quatro pessoas")], id="numbers, pt"),
    pytest.param("ar", "قال مسؤول محلي إن خمسة أشخاص قتلوا في انفجار في عدن، وأعلنت وزارة الصحة مقتل سبعة أشخاص.",
                 [("مسؤول محلي", "killed", "خمسة أشخاص"), ("وزارة الصحة", "killed", "سبعة أشخاص")], id="numbers, ar"),
])
def test_claims_keep_their_claimant(
    understanding: Analyser, language: str, text: str, claims: list[tuple[str, str, str]]
) -> None:
    """Who says how many, what caused it and who holds what, in the words as they stand."""
    report = understanding.analyse(Article(id="1", text=text, language=language)).reports[0]
    assert [(each.by, each.says, each.value) for each in report.claims] == claims
    assert all(text[each.start:each.end] == each.value for each in report.claims)
