"""YAML as operators write it: the scalars of YAML 1.2, variables, and any bytes at all."""
from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisord.settings.document import core, document


@pytest.mark.parametrize(("written", "meant"), [
    ("NO", "NO"), ("no", "no"), ("yes", "yes"), ("on", "on"), ("12:30", "12:30"), ("2024-09-16", "2024-09-16"),
    ("true", True), ("FALSE", False), ("~", None), ("null", None), ("", None), ("5", 5), ("-5", -5), ("+12", 12),
    ("0o17", 15), ("0x1F", 31), ("017", 17), ("1_000", "1_000"), (".5", 0.5), ("1e3", 1000.0), ("1.", 1.0),
    (".inf", ".inf"), ("1.2.3", "1.2.3"), ("=", "="), ("9" * 30, 1e30),
], ids=str)
def test_plain_scalars_mean_what_yaml_1_2_says(written: str, meant: object) -> None:
    """`NO` is Norway and 12:30 is a time, not a truth value and a number of seconds."""
    assert core(written) == meant
    assert type(core(written)) is type(meant)


@pytest.mark.parametrize(("written", "meant"), [
    ("a: ${PORT}", 8125), ("a: '${PORT}'", "8125"), ("a: ${MISSING:-25}", 25), ("a: ${MISSING:-}", None),
    ("a: x-${NAME}-y", "x-Ada-y"), ("a: $${NAME}", "${NAME}"), ("a: ${DAY:-2026-01-15}T22:40", "2026-01-15T22:40"),
    ("a: $NAME", "$NAME"), ("a: ${EMPTY:-full}", "full"),
    ("a: ${HOSTILE}", "x\nb: 1"),
], ids=["number", "quoted", "default", "empty-default", "inside", "escaped", "colon-in-default", "not-ours",
        "empty-is-unset", "no-yaml-gets-in"])
def test_variables_are_filled_in_as_if_written_there(written: str, meant: object) -> None:
    """What the environment holds stands where I named it, and can't become keys of its own."""
    read, faults = document("f.yaml", written.encode(),
                            {"PORT": "8125", "NAME": "Ada", "EMPTY": "", "HOSTILE": "x\nb: 1"})
    assert (read.value, faults) == ({"a": meant}, [])


def test_an_alias_stands_for_what_it_names() -> None:
    """I can write a list once and name it again."""
    read, faults = document("f.yaml", b"a: &here [x, y]\nb: *here\n", {})
    assert (read.value, faults) == ({"a": ["x", "y"], "b": ["x", "y"]}, [])


def test_a_byte_order_mark_is_no_part_of_the_first_key() -> None:
    """A file saved by Windows' editor reads as any other."""
    read, faults = document("f.yaml", b"\xef\xbb\xbfa: 1\n", {})
    assert (read.value, faults) == ({"a": 1}, [])


def test_text_of_another_encoding_is_told_with_its_line() -> None:
    """A file that was saved as Latin-1 is refused at the first letter that shows it."""
    _, faults = document("f.yaml", "a: 1\nb: Ségou\n".encode("latin-1"), {})
    assert [str(fault) for fault in faults] == ["f.yaml:2:5: is not UTF-8 text"]


def test_an_empty_file_holds_nothing() -> None:
    """A file of comments alone is an empty configuration, not an error of YAML."""
    read, faults = document("f.yaml", b"# later\n", {})
    assert (read.value, faults) == (None, [])


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_told(data: bytes) -> None:
    """Whatever is in a file, it costs a fault and never the program."""
    read, faults = document("f.yaml", data, {})
    assert faults or read.node is not None or read.value is None


_SCALARS = st.text(alphabet="abcXY09 :.-'\"#&*!{}[]", max_size=12) | st.integers(-10**9, 10**9) | st.booleans()
_VALUES = st.recursive(_SCALARS, lambda inner: st.lists(inner, max_size=4)
                       | st.dictionaries(st.text("abc", min_size=1, max_size=3), inner, max_size=4), max_leaves=12)


@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), _VALUES, max_size=4))
def test_what_json_says_yaml_says_too(value: dict[str, object]) -> None:
    """A configuration written by a program as JSON reads as that program meant it."""
    read, faults = document("f.yaml", json.dumps(value).encode(), {})
    assert (read.value if value else read.value or {}, faults) == (value, [])


@given(_VALUES)
def test_every_place_of_a_value_can_be_told(value: object) -> None:
    """A fault about any value has a line and a column inside the file."""
    text = json.dumps({"top": value}, indent=1)
    read, _ = document("f.yaml", text.encode(), {})
    fault = read.fault(("top", "deeper", 3, "missing"), "is odd")
    assert 1 <= fault.line <= text.count("\n") + 1
    assert fault.column >= 1
