"""Bad configurations: each file of tests/config is named for its fault and begins with the messages it must give."""
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from advisord.errors import SettingsError

CASES = sorted((Path(__file__).parents[1] / "config").glob("bad.*.yaml"))


def test_there_are_enough_of_them() -> None:
    """The slips that operators make are held by more than fifty examples."""
    assert len(CASES) > 50


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_fault_is_told_where_it_stands(case: Path, folder: Callable[..., Any]) -> None:
    """I am told exactly what is wrong, in which file, line and column, and under which key."""
    text = case.read_text(encoding="utf-8")
    expected = [line.removeprefix("# gives ") for line in text.splitlines() if line.startswith("# gives ")]
    bad = folder(**{case.name.split(".")[1]: text})
    with pytest.raises(SettingsError) as told:
        bad.loaded()
    here = str(bad.path)
    assert [fault.replace(here, "CONFIG") for fault in told.value.faults] == expected
