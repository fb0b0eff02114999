"""Text -> names that could be places, each scored by the name itself and by what stands around it.

Its own module because the same features are summed here and learned by seeds/weights/learn_places.py: `features` names
what `candidates` sums. Sums are kept by what they depend on (a name, the word before, the word after), since names and
words come back all day; naming every feature of every candidate anew costs ten times as much. Whether a candidate is a
place is decided in `toponyms`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from advisord.extract.place_words import Vocabulary
from advisord.gazetteer.gazetteer import CAPITALS, Gazetteer
from advisord.model import PlaceKind
from advisord.text.fold import fold
from advisord.text.haystack import Haystack

_NEXT = re.compile(r"(\W{0,3})(\w{0,30})")
_LOOK_BACK = 40
_SENTENCE_ENDS = frozenset('.!?:;\n"”“‘•|–—-')
_UPPER = bytes(range(65, 91))
_LOWER = bytes(range(97, 123))
_MOSTLY = 4
_STRIPPED = "\"'“”‘’()[]{}<>«»,;:.!?¿¡*"
_RANKS = (100, 500, 2000)
_PEOPLE = (1_000, 10_000, 50_000, 200_000, 1_000_000)
_SIZED = frozenset({PlaceKind.CITY, PlaceKind.ADMIN2})
AIRPORT = "named_airport"
# Log odds of a name that is an airport's and says so. The contract wants them; the development sets have too few of
# them, labelled now this way and now that, to learn it.
_NAMED_AIRPORT = 5.0
_LONG = 5  # capitals up to so many may be an acronym
_ARTICLE = "the"
_CASELESS = re.compile("[\u0600-\u06ff]")  # Arabic letters: no capitals
_ARABIC_ARTICLE = "ال"
_TYPE = "type_"
_NEVER = -99.0  # log odds
_KEPT = 50_000  # sums kept of each sort; beyond it they are thrown away and made again
_LONGEST_KEPT = 100  # code points of a name whose sum is kept: signs that are not read may stand inside without end
# Log odds under which a candidate is dropped at once: of 586 articles of LGL, 7,500 of 13,500 candidates, none of which
# was taken for a place in the end.
HOPELESS = -2.5


@dataclass(slots=True)
class Candidate:
    """A name that stands in a text: `[start, end)`, its number in the gazetteer, its neighbours and its score.

    `before` is the word before it as written, with its punctuation, `earlier` the one before that; `glued` the
    character right before it if that is no space; `after` the folded word after it, `capital` whether that begins with
    one, `gap` what stands between. `types` are classes of words for kinds of places beside it. `score`: log odds.
    `hidden`: inside a longer name, which is told instead.
    """

    start: int
    end: int
    key: int
    before: str
    earlier: str
    begins: bool
    glued: str
    gap: str
    after: str
    capital: bool
    types: tuple[str, ...] = ()
    score: float = 0.0
    has_container: bool = False
    is_container: bool = False
    upper: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class _Known:
    """Of a name: its sum with the bias, what beginning a sentence adds, if only capitals will do, if a first name."""

    score: float
    begins: float
    only_capitals: bool
    first_name: bool = False


def case_of(text: str) -> str:
    """Kind of text: "flat" where it is (nearly) all in capitals or all in small letters, else "mixed"."""
    plain = text.encode("ascii", "ignore")
    upper = len(plain) - len(plain.translate(None, _UPPER))
    lower = len(plain) - len(plain.translate(None, _LOWER))
    return "flat" if upper > _MOSTLY * lower or (lower and not upper) else "mixed"


class Mentions:
    """Finds candidates in texts of one kind ("mixed" or "flat" case); immutable but for the sums it keeps."""

    def __init__(self, gazetteer: Gazetteer, words: Vocabulary, case: str, weights: Mapping[str, float]) -> None:
        """`weights` are the learned ones of the features named here, and "bias"; without any, nothing is hopeless."""
        self._gazetteer, self._words, self._weights = gazetteer, words, weights
        self._least = HOPELESS if weights else -1.0
        self._mixed = case == "mixed"
        self._names: dict[str, _Known] = {}
        self._left: dict[tuple[str, bool], tuple[float, bool]] = {}
        self._right: dict[tuple[str, str, bool], tuple[float, tuple[str, ...], float]] = {}
        self._earlier: dict[tuple[str, bool], tuple[float, tuple[str, ...]]] = {}

    def candidates(self, text: str, folded: str | Haystack) -> list[Candidate]:
        """Names that stand in `text`, in order, none overlapping another: of those inside one another the longest."""
        hay = Haystack(folded) if isinstance(folded, str) else folded
        found: list[Candidate] = []
        reached = 0
        names = self._names
        for start, end, key in self._gazetteer.scan(hay, text if self._mixed else None):
            if start < reached:
                continue
            surface = text[start:end]
            known = names.get(surface)
            if known is None:
                known = self._sum_name(key, surface)
            if known.only_capitals:
                if not (surface.isupper() or (surface[0].isupper() and text[end : end + 1] == ".")):
                    continue
                end += text[end : end + 1] == "."  # the full stop of "Ky." and of "U.S."  # noqa: PLW2901
            reached = end
            each = self._seen(text, hay.folded, (start, end, key), known)
            if each is not None:
                found.append(each)
        return found

    def features(self, each: Candidate, surface: str) -> list[str]:
        """The names of everything that a candidate's score sums."""
        name, plain = fold(surface).removesuffix("."), surface.isascii()
        dotted = "." if self._known(each.key, name).only_capitals else ""
        return [
            *self._of_name(each.key, name, plain=plain),
            *self._of_left(each.before, each.begins),
            *self._of_rest(each),
            *([f"upper{min(_LONG, each.end - each.start)}{dotted}"] if each.upper else []),
            *self._of_right(each.gap, each.after, each.capital),
            *([f"begins+{self._of_name(each.key, name)[0]}"] if each.begins else []),
            *(self._of_first_name(each.gap, each.after, each.capital) if name in self._words.first_names else []),
        ]

    def _seen(self, text: str, folded: str, span: tuple[int, int, int], known: _Known) -> Candidate | None:
        """The candidate with its neighbours and its score; null where it is hopeless."""
        start, end, key = span
        gap, after = _NEXT.match(folded, end).groups()  # type: ignore[union-attr] # it matches nothing, too
        capital = after != "" and text[end + len(gap)].isupper()
        if "\n" in gap:
            gap, after = ("\n", "") if self._mixed or gap.count("\n") > 1 else (" ", after)
        left = text[start - _LOOK_BACK if start > _LOOK_BACK else 0 : start]
        pieces = left.rsplit(None, 2)
        before = pieces[-1] if pieces else ""
        begins = not before or before[-1] in _SENTENCE_ENDS or ("\n" in left and self._breaks(left))
        here = self._left.get((before, begins)) or self._sum_left(before, begins)
        behind = self._right.get((gap, after, capital)) or self._sum_right(gap, after, capital)
        score, types = known.score + here[0] + behind[0], behind[1]
        if known.first_name:
            score += behind[2]
        earlier = pieces[-2] if len(pieces) > 1 else ""
        if earlier:
            linked = here[1]
            further = self._earlier.get((earlier, linked)) or self._sum_earlier(earlier, linked)
            score += known.begins if begins else further[0]
            types += further[1]
        elif begins:
            score += known.begins
        glued = left[-1] if left and not left[-1].isspace() else ""
        if glued:
            score += self._weights.get(f"glued={glued}", 0.0)
        upper = self._mixed and text[start + 1 : end].isupper()
        if upper:
            score += self._weights.get(f"upper{min(_LONG, end - start)}{'.' if known.only_capitals else ''}", 0.0)
        if score < self._least:
            return None
        return Candidate(
            start, end, key, before, earlier, begins, glued, gap, after, capital, types, score, upper=upper
        )

    def _breaks(self, left: str) -> bool:
        """Whether a line ends right before the name: any in mixed case, a blank one in flat texts (wrapped)."""
        white = left[len(left.rstrip()) :]
        return white.count("\n") > (0 if self._mixed else 1)

    # --------------------------------------------------------------------------------------------- sums that are kept

    def _sum_name(self, key: int, surface: str) -> _Known:
        """`_known`, kept by how it is written: one number goes by several ("Nord Kivu", "Nord-Kivu")."""
        known = self._known(key, fold(surface), plain=surface.isascii())
        if len(self._names) > _KEPT:
            self._names.clear()
        if len(surface) <= _LONGEST_KEPT:
            self._names[surface] = known
        return known

    def _known(self, key: int, name: str, *, plain: bool = True) -> _Known:
        """What a name says by itself."""
        if self._is_caseless_word(name):
            return _Known(_NEVER, 0.0, only_capitals=False)
        get = self._weights.get
        features = self._of_name(key, name, plain=plain)
        flags = self._gazetteer.flags[self._gazetteer.starts[key] : self._gazetteer.starts[key + 1]]
        score = get("bias", 0.0) + sum(get(each, 0.0) for each in features)
        if AIRPORT in features and self._weights:
            return _Known(max(score, _NAMED_AIRPORT), 0.0, only_capitals=False)
        only = all(flag & CAPITALS for flag in flags)
        begins, first = get(f"begins+{features[0]}", 0.0), "first_name" in features
        return _Known(score, begins, only_capitals=only, first_name=first)

    def _is_caseless_word(self, name: str) -> bool:
        """Whether it is one ordinary word of a script that has no capitals to tell names from words."""
        if not _CASELESS.match(name) or " " in name:
            return False
        bare = name.removeprefix(_ARABIC_ARTICLE)
        return (
            bare in self._words.ordinary
            or name in self._words.ordinary
            or bool(self._words.classes.get(name) or self._words.classes.get(bare))
        )

    def _sum_left(self, before: str, begins: bool) -> tuple[float, bool]:
        """Of the word before: its sum, and whether it links the name to the word before it ("of")."""
        if len(self._left) > _KEPT:
            self._left.clear()
        score = sum(self._weights.get(each, 0.0) for each in self._of_left(before, begins))
        told = self._left[before, begins] = score, "of" in self._words.classes.get(before.lower(), ())
        return told

    def _sum_right(self, gap: str, after: str, capital: bool) -> tuple[float, tuple[str, ...], float]:
        """Of what follows: its sum, the words for kinds of places ("X county"), and what it says of a first name."""
        if len(self._right) > _KEPT:
            self._right.clear()
        score = sum(self._weights.get(each, 0.0) for each in self._of_right(gap, after, capital))
        types = self._words.classes.get(after, ()) if gap == " " else ()
        kinds = tuple(each for each in types if each.startswith(_TYPE))
        person = sum(self._weights.get(each, 0.0) for each in self._of_first_name(gap, after, capital))
        told = self._right[gap, after, capital] = score, kinds, person
        return told

    def _sum_earlier(self, earlier: str, linked: bool) -> tuple[float, tuple[str, ...]]:
        """Of the word before the one before: its sum, and the words for kinds of places: "province of X"."""
        if len(self._earlier) > _KEPT:
            self._earlier.clear()
        score = sum(self._weights.get(each, 0.0) for each in self._of_earlier(earlier, linked=linked))
        types = self._words.classes.get(fold(earlier), ()) if linked else ()
        kinds = tuple(f"of_{each}" for each in types if each.startswith(_TYPE))
        told = self._earlier[earlier, linked] = score, kinds
        return told

    # -------------------------------------------------------------------------------- features, by their names

    def _of_name(self, key: int, name: str, *, plain: bool = True) -> list[str]:
        """What is known of a name wherever it stands; the first one says what its best place is.

        `plain`: it is written without accents; "Saná" is not the ordinary word "sana".
        """
        gazetteer, words = self._gazetteer, self._words
        rows = gazetteer.rows_of(key)
        flags = gazetteer.flags[gazetteer.starts[key] : gazetteer.starts[key + 1]]
        kind = gazetteer.kinds[gazetteer.kind[rows[0]]]
        size = str(sum(gazetteer.population[rows[0]] >= bound for bound in _PEOPLE)) if kind in _SIZED else ""
        tokens = name.split()
        told = [
            f"k={kind}{size}",
            f"tokens={min(3, len(tokens))}",
            f"places={min(4, len(rows).bit_length())}",
            f"flags={min(flags)}",
            *(f"is:{each}" for each in words.classes.get(name, ())),
        ]
        if name in words.demonyms:
            told.append("demonym")
        if tokens[0] == _ARTICLE and " ".join(tokens[1:]) in words.ordinary:
            told.append("the_ordinary")
        if name in words.ordinary and plain and not all(flag & CAPITALS for flag in flags):
            told += ["ordinary", f"ordinary+{kind}{size}"]
        if name in words.first_names:
            told += ["first_name", f"first_name+{size}"]
        rank = words.surnames.get(name)
        if rank is not None:
            told += [f"surname{sum(rank >= bound for bound in _RANKS)}", f"surname+{size}"]
        if kind is PlaceKind.AIRPORT and any("type_airport" in words.classes.get(token, ()) for token in tokens):
            told.append(AIRPORT)
        if len(tokens) > 1:
            told += [f"last:{each}" for each in words.classes.get(tokens[-1], ())]
            told += [f"first:{each}" for each in words.classes.get(tokens[0], ())]
            told += ["begins_with_first_name"] if tokens[0] in words.first_names else []
        return told

    def _of_left(self, before: str, begins: bool) -> list[str]:
        """What the word before it says."""
        told = ["begins"] if begins else []
        bare = before.strip(_STRIPPED)
        word = fold(bare)
        if not word or (begins and not before.endswith(".")):
            return told
        if before[-1] in ",;)":
            return [*told, "p,"]
        classes = self._words.classes.get(word, ())
        told += [f"p={word}", *(f"pc:{each}" for each in classes)]
        if bare[0].isdigit():
            told.append("p:digit")
        elif bare[0].isupper():
            told.append("p:CapClass" if classes else "p:Cap")
            if word in self._words.first_names:
                told.append("p:first_name")
            elif word in self._words.surnames:
                told.append("p:surname")
            told += ["p:initial"] if len(bare) == 1 else []
        elif not classes:
            told.append("p:other")
        return told

    def _of_right(self, gap: str, after: str, capital: bool) -> list[str]:
        """What stands after it says."""
        told = [f"gap={gap}"]
        if not after:
            return told
        classes = self._words.classes.get(after, ())
        if gap == " ":
            told += [f"n={after}", *(f"nc:{each}" for each in classes)]
            told += ["n:surname"] if capital and after in self._words.surnames else []
        if capital:
            told.append(f"n:CapClass{gap}" if classes else f"n:Cap{gap}")
            told += [f"ncC:{each}" for each in classes] if gap == " " else []
        elif after[0].isdigit():
            told.append("n:digit")
        return told

    def _of_first_name(self, gap: str, after: str, capital: bool) -> list[str]:
        """What follows says where the name is also a first name: "Jordan Baker"."""
        if not capital or gap != " ":
            return []
        return ["first_name+surname" if after in self._words.surnames else "first_name+Cap"]

    def _of_rest(self, each: Candidate) -> list[str]:
        """What the name is glued to, and the word before the one before."""
        told = [f"glued={each.glued}"] if each.glued else []
        if each.earlier and not each.begins:
            linked = "of" in self._words.classes.get(each.before.lower(), ())
            told += self._of_earlier(each.earlier, linked=linked)
        return told

    def _of_earlier(self, earlier: str, *, linked: bool) -> list[str]:
        """What the word before the one before says; `linked`: an "of" stands between ("University of X")."""
        word = fold(earlier.strip(_STRIPPED))
        told = [f"pp={word}"]
        if linked:
            told += [f"of<{name}" for name in self._words.classes.get(word, ())]
            told.append("of<Cap" if earlier[0].isupper() else "of<small")
        return told
