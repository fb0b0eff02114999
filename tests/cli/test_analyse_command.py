"""The command `advisord analyse`: lines in, lines out, in order, whatever stands in them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from advisord.cli.analyse import command


def run(data: bytes, *options: str) -> Result:
    """The command fed with these bytes."""
    return CliRunner().invoke(command, list(options), input=data)


def answers(result: Result) -> list[dict[str, Any]]:
    """Its answers."""
    return [json.loads(line) for line in result.stdout_bytes.split(b"\n") if line]


def test_every_line_is_answered_in_order() -> None:
    """A faulty line gets the error of the contract on its place, the others their reports, and the status is 1."""
    good = json.dumps({"id": "good", "text": "A bomb exploded in Kabul on Tuesday, killing three people.", "other": 1})
    result = run(f'{good}\n\n[1]\n{{"id": "bad"}}\n\xff\n{good}\n'.encode("latin-1"))
    found = answers(result)
    assert [each["id"] for each in found] == ["good", "3", "bad", "5", "good"]
    assert ["error" in each for each in found] == [False, True, True, True, False]
    assert found[0]["reports"][0]["hazard"] == "conflict.bombing"
    assert result.exit_code == 1
    assert "line 3:" in result.stderr


def test_separators_inside_strings_are_text() -> None:
    """U+2028, U+0085 and their like do not end a line."""
    text = "A bomb exploded\u2028in Kabul\u0085on Tuesday."
    result = run(json.dumps({"id": "1", "text": text}, ensure_ascii=False).encode())
    assert result.exit_code == 0
    assert [text[each["start"] : each["end"]] for each in answers(result)[0]["places"]] == ["Kabul"]


def test_now_is_only_what_at_says() -> None:
    """Without a publication date or --at a relative day stays unknown; with --at it is worked out."""
    line = json.dumps({"text": "A bomb exploded in Kabul on Tuesday, killing three people."}).encode()
    assert answers(run(line))[0]["reports"][0]["start"] is None
    assert answers(run(line, "--at", "2024-09-18T09:00Z"))[0]["reports"][0]["start"] == "2024-09-17"


def test_an_unreadable_date_counts_as_absent() -> None:
    """It is told on standard error, and the line is answered all the same."""
    result = run(json.dumps({"text": "Nothing.", "published": "soon"}).encode())
    assert result.exit_code == 0
    assert "published" in result.stderr


def test_a_plain_text_file_is_one_article(tmp_path: Path) -> None:
    """The first line is the title."""
    path = tmp_path / "article.txt"
    path.write_bytes("Blast in Kabul\nA bomb exploded in Kabul on Tuesday. \xff".encode("latin-1"))
    found = json.loads(CliRunner().invoke(command, [str(path)]).stdout_bytes)
    assert {each["field"] for each in found["places"]} == {"title", "text"}


@pytest.mark.parametrize("option", [["--at", "tomorrow"], ["--jobs", "0"]], ids=["no instant", "no process"])
def test_a_wrong_option_is_refused(option: list[str]) -> None:
    """What cannot be meant is told before anything is read."""
    assert run(b"", *option).exit_code == 2


def test_processes_change_nothing_but_the_time() -> None:
    """With two processes the bytes and their order are the same."""
    lines = b"".join(
        json.dumps({"id": str(n), "text": f"A bomb exploded in Kabul, killing {n} people."}).encode() + b"\n"
        for n in range(2, 150)
    )
    outputs = [
        subprocess.run(
            [sys.executable, "-m", "advisord", "analyse", "--jobs", jobs], input=lines, capture_output=True, check=True
        ).stdout
        for jobs in ("1", "2")
    ]
    assert outputs[0] == outputs[1]
    assert outputs[0].count(b"\n") == 148


def test_the_bar_is_on_standard_error() -> None:
    """Progress never mixes with the answers."""
    result = run(json.dumps({"id": "1", "text": "Nothing."}).encode(), "--progress")
    assert answers(result)[0]["id"] == "1"


@pytest.mark.parametrize("code", ["zz", "ZZ", ""], ids=["small", "unknown region", "empty"])
def test_an_unknown_country_is_refused(code: str) -> None:
    """A country that there is not would narrow names to nowhere; it is a usage error."""
    result = run(b"", "--country", code)
    assert result.exit_code == 2
    assert "is no country" in result.stderr
