"""What reaches the log: where a fault stands, never who is where."""
from __future__ import annotations

import pytest

from advisord.daemon import tellable


@pytest.mark.parametrize(("fault", "told"), [
    ("rules.yaml:14:5 rules[1].via: 'sms' is not a channel", "rules.yaml:14:5 rules[1].via: 'sms' is not a channel"),
    ("staff.yaml:9:11 people[0].home: 'Vexmoor, ML' is no place that is known: did you mean 'Vexmoor'?",
     "staff.yaml:9:11 people[0].home: has a fault (advisord check shows it)"),
    ("people.csv:2 home: 'Vexmoor' is no place", "people.csv:2 home: has a fault (advisord check shows it)"),
], ids=["rules", "staff", "sheet"])
def test_a_fault_of_people_is_logged_without_its_words(fault: str, told: str) -> None:
    """A slip in somebody's home is named by file, line and key; the place itself stays out of the log."""
    assert tellable(fault) == told
