"""People from CSV files."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

DESKS = """include: people.csv
desks:
  - {id: duty, groups: [mali], contact: {email: duty@example.org}}
sites:
  - {id: office, place: 'Bamako, ML', groups: [mali]}
"""
RULES = "rules:\n  - {id: r, when: {hazard: conflict}, advise: general, via: [email, desk, hook]}\n"


def test_people_of_a_csv_file_are_people(folder: Callable[..., Any]) -> None:
    """Each line is somebody, with groups, contact, home and site as in staff.yaml."""
    made = folder(staff=DESKS, rules=RULES, extra={"people.csv": (
        "id,name,groups,language,timezone,email,phone,home,site\n"
        'p-1,"Traoré, A.",mali; drivers,fr,Africa/Bamako,p1@example.org,+223 70 55 01 01,"Ségou, ML",office\n'
        "\n"
        "p-2,B. Example,mali,,,,,BKO,\n")})
    staff = made.settings().staff
    first, second = staff.people
    assert (first.name, first.groups, first.timezone) == ("Traoré, A.", ("mali", "drivers"), "Africa/Bamako")
    assert (first.contact.email, first.contact.phone) == ("p1@example.org", "+223 70 55 01 01")
    assert (second.language, second.contact.email) == (None, None)
    assert [location.id for location in staff.locations] == ["office", "p-1/home", "p-1/site", "p-2/home"]


@pytest.mark.parametrize("content", [
    "id;name;home\np-1;Traoré;Ségou, ML\n".encode(), "\ufeffid;name;home\r\np-1;Traoré;Ségou, ML\r\n".encode(),
    "ID\tName\tHome\np-1\tTraoré\tSégou, ML\n".encode(),
], ids=["semicolon", "as-excel-saves-it", "tab"])
def test_the_separator_is_what_the_first_line_uses(folder: Callable[..., Any], content: bytes) -> None:
    """A file reads the same however the spreadsheet saved it."""
    settings = folder(staff=DESKS, rules=RULES, extra={"people.csv": content}).settings()
    assert [person.name for person in settings.staff.people] == ["Traoré"]
    assert settings.staff.locations[-1].label == "Ségou"


@pytest.mark.parametrize(("content", "fault"), [
    ("name\nA\n", "include: people.csv:1 the column 'id' is missing in the first line"),
    ("id,name,emial\n", "people.csv:1 'emial' is no column here; did you mean 'email'?"),
    ("id,name,name\n", "people.csv:1 the column 'name' stands here twice"),
    ("", "people.csv:1 the column 'id' is missing"),
    ("id,name\np-1,A,x\n", "people.csv:2: has 3 cells, the first line 2 columns"),
    ("id,name,email\np-1,A,a@example.org\np-2,B,b@example.org, x@example.org\n", "people.csv:3: has 4 cells"),
    ('id,name,email\np-1,A,"a@b>\r\nDATA"\n', "people.csv:3 email: holds a control character"),
    ("id,name,email\np-1,A,a@b>\n", "people.csv:2 email: is not an e-mail address"),
    ('id,name,home\np-1,A,"Bamko, ML"\n', "people.csv:2 home: no place called 'Bamko' is known"),
    ("id,name,site\np-1,A,ofice\n", "people.csv:2 site: 'ofice' is no site; did you mean 'office'?"),
    ("id,name,timezone\np-1,A,Bamako\n", "people.csv:2 timezone: 'Bamako' is not a time zone"),
    ("id,name\n,A\n", "people.csv:2 id: is missing"),
    ("id,name\np-1,A\np-1,B\n", "people.csv:3 id: 'p-1' is the id of somebody else already"),
    ("id,name\np 1,A\n", "people.csv:2 id: 'p 1' is not an id"),
    ('id,name\np-1,"A\n', "people.csv is no table"),
], ids=["no-id-column", "column-misspelt", "column-twice", "empty", "cell-too-many", "comma-not-quoted", "injection",
        "no-address", "place", "site", "timezone", "no-id", "id-twice", "id-with-blank", "quote-open"])
def test_every_slip_is_told_by_line_and_column(folder: Callable[..., Any], content: str, fault: str) -> None:
    """I find the cell by what I am told."""
    faults = folder(staff=DESKS, rules=RULES, extra={"people.csv": content}).examined().faults
    assert [each for each in faults if fault in each]


def test_all_slips_are_told_at_once(folder: Callable[..., Any]) -> None:
    """A list of thousands is corrected in one go."""
    content = "id,name,home\n" + "".join(f'p-{n},A,"Nowhere{n} Qwx, ML"\n' for n in range(3)) + "p 4,B,\n"
    faults = folder(staff=DESKS, rules=RULES, extra={"people.csv": content}).examined().faults
    assert [fault.split(" ")[0] for fault in faults] == [f"people.csv:{line}" for line in (2, 3, 4, 5)]


def test_a_file_of_another_encoding_is_told(folder: Callable[..., Any]) -> None:
    """A list saved as Latin-1 is refused with what to do, not read as other names."""
    faults = folder(staff=DESKS, rules=RULES, extra={"people.csv": "id,name\np-1,Traoré\n".encode("latin-1")}
                    ).examined().faults
    assert faults == ("staff.yaml:1:10 include: people.csv is not UTF-8 text (save it as 'CSV UTF-8')",)
