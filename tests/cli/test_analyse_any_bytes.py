"""Whatever bytes stand on standard input, every line is answered as the contract has it, and always the same."""
from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisord.cli.analyse import Reader
from advisord.gazetteer import Gazetteer
from advisord.settings.seeds import seeds_of
from advisord.wiring import analyser

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "data"
ANY = settings(max_examples=80, deadline=None,
               suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@pytest.fixture(scope="module")
def reader() -> Reader:
    """The one of the command."""
    seeds = seeds_of()
    return Reader(analyser(seeds, Gazetteer.open(seeds.folder("gazetteer"))), None, None)


@pytest.fixture(scope="module")
def articles() -> list[bytes]:
    """Our open set, and real news of four languages where it lies beside the project."""
    lines = (ROOT / "seeds" / "evaluation" / "open.jsonl").read_bytes().split(b"\n")
    news = SHARED / "incidents-news.jsonl.gz"
    lines += gzip.decompress(news.read_bytes()).split(b"\n") if news.exists() else []
    rows = [json.loads(line) for line in lines if line]
    return [json.dumps({key: row[key] for key in ("id", "title", "text", "published", "language") if key in row},
                       ensure_ascii=False).encode() for row in rows]


def check(reader: Reader, line: bytes) -> None:
    """One line in gives one line out, that is an answer with spans that cut its text, or the error of the contract."""
    answered = reader.answer([(1, line)])
    assert answered.output.endswith(b"\n")
    assert answered.output.count(b"\n") == 1
    told = json.loads(answered.output)
    if "error" in told:
        assert set(told) == {"id", "error"}
        assert answered.failed == 1
        assert answered.messages
        return
    assert set(told) == {"id", "language", "places", "reports"}
    given = json.loads(line.decode("utf-8"))
    texts = {"title": given.get("title") or "", "text": given["text"]}
    for each in told["places"]:
        assert texts[each["field"]][each["start"]:each["end"]] == each["surface"]
        assert (each["lat"] is None) == (each["lon"] is None)
        assert 0 <= each["confidence"] <= 1
    for report in told["reports"]:
        assert report["evidence"]
        assert all(0 <= each["start"] < each["end"] <= len(texts[each["field"]]) for each in report["evidence"])


@ANY
@given(st.binary(max_size=300))
def test_any_bytes_are_answered(reader: Reader, line: bytes) -> None:
    """No bytes whatever break the command."""
    check(reader, line.replace(b"\n", b" ") or b"x")


@ANY
@given(st.dictionaries(st.sampled_from(["id", "text", "title", "published", "language", "country", "other"]),
                       st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=40),
                                    lambda inner: st.lists(inner, max_size=3), max_leaves=5)))
def test_any_object_is_answered(reader: Reader, row: dict[str, object]) -> None:
    """Keys may hold anything that JSON can; an identity that is no text comes back as it went in."""
    line = json.dumps(row).encode()
    answered = json.loads(reader.answer([(7, line)]).output)
    wanted = json.loads(line).get("id")
    if not isinstance(wanted, float | list):  # no number is equal to what is none
        assert answered["id"] == ("7" if wanted is None else wanted)


@ANY
@given(data=st.data())
def test_mutated_articles_are_answered(reader: Reader, articles: list[bytes], data: st.DataObject) -> None:
    """Articles with bytes overwritten, cut out, doubled or mixed with others break nothing."""
    line = bytearray(data.draw(st.sampled_from(articles)))
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, max(0, len(line) - 1)))
        size = data.draw(st.integers(0, 200))
        other = data.draw(st.sampled_from(articles))
        what = data.draw(st.sampled_from(["overwrite", "cut", "double", "mix"]))
        piece = {"overwrite": data.draw(st.binary(max_size=6)), "cut": b"", "double": bytes(line[at:at + size]) * 2,
                 "mix": other[at:at + size]}[what]
        line[at:at + (len(piece) if what == "overwrite" else size)] = piece
    check(reader, bytes(line).replace(b"\n", b" ") or b"x")


@ANY
@given(data=st.data())
def test_articles_with_other_letters_inside_are_answered(reader: Reader, articles: list[bytes],
                                                          data: st.DataObject) -> None:
    """Any characters inside a real text leave every span true."""
    row = json.loads(data.draw(st.sampled_from(articles)))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(row["text"])))
        row["text"] = row["text"][:at] + data.draw(st.text(max_size=8)) + row["text"][at:]
    check(reader, json.dumps(row).encode())


def test_the_order_of_the_input_changes_no_answer(reader: Reader, articles: list[bytes]) -> None:
    """What was read before an article changes nothing in its answer, to the byte."""
    forwards = [reader.answer([(1, line)]).output for line in articles]
    backwards = [reader.answer([(1, line)]).output for line in reversed(articles)]
    assert forwards == backwards[::-1]
