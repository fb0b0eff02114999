"""The shipped gazetteer, unpacked once for all tests of this folder."""
from __future__ import annotations

from pathlib import Path

import pytest

from advisord.gazetteer import Gazetteer

SEEDS = Path(__file__).resolve().parents[2] / "seeds" / "gazetteer"


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    """From the user's cache, as every start of the program."""
    return Gazetteer.open(SEEDS)
