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
