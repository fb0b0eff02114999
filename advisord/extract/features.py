"""A hit and what stands around it -> named features, the same in every language, for the learned weights.

Its own module because the names are the contract with seeds/weights/learn_incidents.py. Most features say which
class of
word stands where and are the same in every language; those named "word:<language>:<word>" say which words stand near,
and have weights only in languages that enough was learned of.
"""
from __future__ import annotations

import re
from dataclasses import dataclass

from advisord.extract.hits import Hit, Told
from advisord.extract.scene import Scene, Scenes
from advisord.lexicon import bit_of

# Classes looked for before the hit (near and anywhere), and in the whole sentence.
_BEFORE = ("negation", "modal", "future", "hypothetical", "intent", "threat", "attempt", "foiled", "denial", "past",
           "be", "suspect", "claim", "hedge")
_ANYWHERE = ("negation", "modal", "hypothetical", "say", "claim", "suspect", "past", "over", "hedge", "attacker",
             "organised", "forces", "agent", "instruct", "somebody", "people", "near", "killed", "injured", "abducted",
             "denial")
_BITS = {name: bit_of(name) for name in {*_BEFORE, *_ANYWHERE}}
_SPOKEN = bit_of("day", "weekday")  # "on Monday", "last night": tell no day where that of publication is unknown
_WORD = re.compile(r"[^\W\d_]{2,}")
_AROUND = 90  # code points before and behind the hit
_CLOSE = 30  # code points before the hit
_TARGET = 0
for _name in ("airport", "transit", "embassy", "hotel", "school", "hospital", "worship", "market", "police", "military",
              "government", "aid", "media", "energy"):
    _TARGET |= bit_of(f"target:{_name}")
# What follows from something else is told once, where the deed itself is told again and again.
_KIN_OF = {"order": "consequence", "transport": "consequence", "infra": "consequence"}
_FRESH, _RECENT, _OLD = 3, 14, 45  # days
_EARLY, _MIDDLE = 2, 6  # sentences
_SHORT, _LONG = 5, 25  # sentences of an article


@dataclass(frozen=True, slots=True)
class Whole:
    """What is the same for every hit of an article: its features, and how often each hazard is told in it.

    `lead` are the contexts of headline and lead: they frame what the sentences behind them tell (a film, a drill).
    """

    features: tuple[str, ...]
    told: dict[str, int]
    by_sentence: dict[int, tuple[str, ...]]
    lead: tuple[str, ...] = ()


def whole_of(told: Told, scenes: Scenes) -> Whole:
    """The features of the article as a whole."""
    count = len(scenes)
    features = ["doc:" + ("short" if count <= _SHORT else "long" if count > _LONG else "middling")]
    for name, times in told.contexts.items():
        features.append(f"context:{name}:{_bin(10 * times / max(count, 4))}")
        if times > 2:  # noqa: PLR2004
            features.append(f"contexts:{name}")
    hazards: dict[str, int] = {}
    tells = 0
    for hit in told.hits:
        tells += hit.level == "tells"
        hazards[hit.hazard] = hazards.get(hit.hazard, 0) + 1
    features.append(f"tells:{_bin(tells)}")
    features.append(f"density:{_bin(10 * len(told.hits) / max(count, 3))}")
    by_sentence: dict[int, list[str]] = {}
    for start, name in told.places:
        by_sentence.setdefault(scenes.passage.sentence_at(start), []).append(name)
    sentences = {index: tuple(sorted(set(names))) for index, names in by_sentence.items()}
    first = scenes.passage.titles + 1
    lead = sorted({name for index, names in sentences.items() if index < first for name in names})
    if count > scenes.passage.titles and scenes[scenes.passage.titles].mask & _BITS["denial"]:
        lead.append("denial")
    return Whole(tuple(features), hazards, sentences, tuple(lead))


def contexts_of(hit: Hit, scene: Scene, whole: Whole) -> tuple[str, ...]:
    """The contexts of a hit's sentence; a drill goes on in the sentences behind the one that tells of it."""
    here = whole.by_sentence.get(hit.sentence, ())
    before = (*whole.lead, *whole.by_sentence.get(hit.sentence - 1, ()))
    if "drill" in before and not any(harm.kind == "killed" and harm.count.max != 0 for harm in scene.harms):
        return (*here, "drill")
    return here


def features_of(hit: Hit, scene: Scene, scenes: Scenes, whole: Whole) -> list[str]:
    """The features of one hit, those of its article included."""
    family = hit.hazard.split(".")[0]
    features = [f"hazard:{hit.hazard}:{hit.level}", f"level:{hit.level}", f"family:{family}:{hit.level}",
                f"where:{_where(hit, scenes)}", f"where:{hit.level}:{_where(hit, scenes)}",
                f"repeated:{_KIN_OF.get(family, 'deed')}:{_bin(whole.told[hit.hazard])}"]
    features += _around(hit, scene)
    features += [f"harm:{harm.kind}:{'nought' if harm.count.max == 0 else 'some'}" for harm in scene.harms]
    features += _dated(scene)
    features += [f"here:{name}" for name in whole.by_sentence.get(hit.sentence, ())]
    features += [f"here:{name}:{hit.level}" for name in whole.by_sentence.get(hit.sentence, ()) if name in _STRONG]
    if hit.sentence > scenes.passage.titles:
        features += [f"lead:{name}" for name in whole.lead]
        features += [f"lead:{name}:{hit.level}" for name in whole.lead if name in _STRONG]
    features.append("place:" + ("named" if scene.places else "none"))
    if scenes.passage.folded[scene.end - 1] == "?":
        features.append("question")
    features += [f"{name}+{family}" for name in whole.features if name.startswith("contexts:")]
    features += _words(hit, scenes)
    return list(dict.fromkeys([*features, *whole.features]))


_STRONG = ("history", "court", "sport", "culture", "statistics", "breaking", "condemn", "inquiry", "drill", "talks")


def _words(hit: Hit, scenes: Scenes) -> list[str]:
    """The words around the hit, itself included."""
    near = scenes.passage.folded[max(0, hit.start - _AROUND):hit.end + _AROUND]
    return [f"word:{scenes.language}:{word}" for word in _WORD.findall(near)]


def _where(hit: Hit, scenes: Scenes) -> str:
    if hit.sentence < scenes.passage.titles:
        return "title"
    at = hit.sentence - scenes.passage.titles
    return "lead" if at == 0 else "early" if at <= _EARLY else "middle" if at <= _MIDDLE else "late"


def _around(hit: Hit, scene: Scene) -> list[str]:
    """Which classes stand close before the hit, and in its sentence."""
    close, sentence = 0, scene.mask
    for unit in scene.units:
        if unit.end <= hit.start and hit.start - unit.end <= _CLOSE:
            close |= unit.mask
    features = [f"before:{name}" for name in _BEFORE if close & _BITS[name]]
    features += [f"in:{name}" for name in _ANYWHERE if sentence & _BITS[name]]
    if sentence & _TARGET:
        features.append("in:target")
    return features


def _dated(scene: Scene) -> list[str]:
    """How old the days are that the sentence tells."""
    ages = [told.age for told in scene.days if told.age is not None]
    if not ages:
        spoken = "spoken" if scene.mask & _SPOKEN else "untold"
        return [f"day:{spoken}" if not scene.days else "day:unknown"]
    youngest = min(ages, key=abs)
    if youngest < 0:
        return ["day:ahead"]
    return ["day:" + ("fresh" if youngest <= _FRESH else "recent" if youngest <= _RECENT
                      else "past" if youngest <= _OLD else "old")]


def _bin(value: float) -> str:
    """Nought, and then steps that double."""
    return "0" if value <= 0 else "1" if value <= 1 else "2" if value <= 2 else "4" if value <= 4 else "more"  # noqa: PLR2004


