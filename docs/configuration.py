"""Writes docs/configuration.md and config/schema/*.json from the shapes: `.venv/bin/python docs/configuration.py`.

A test compares both with what this would write.
"""
from __future__ import annotations

import json
from pathlib import Path

from advisord.settings.reference import tables
from advisord.settings.schema import RULE_TESTS, names, schema_of

ROOT = Path(__file__).resolve().parents[1]
BEGIN = "<!-- written by docs/configuration.py; change the shapes in advisord/settings/shape instead -->\n"


def main() -> None:
    """Write both."""
    page = ROOT / "docs" / "configuration.md"
    by_hand = page.read_text(encoding="utf-8").partition(BEGIN)[0]
    page.write_text(f"{by_hand}{BEGIN}\n{tables()}", encoding="utf-8")
    folder = ROOT / "config" / "schema"
    folder.mkdir(exist_ok=True)
    for name in (*names(), RULE_TESTS):
        text = json.dumps(schema_of(name), indent=2, ensure_ascii=False) + "\n"
        (folder / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
