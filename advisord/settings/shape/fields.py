"""The kinds of value that the configuration knows: text as operators write it -> a checked value.

Its own module because they are shared by all files, and because each pairs its check (in plain words) with what the
JSON Schema tells an editor. A value of the wrong kind raises `PydanticCustomError("advisord", …)`, whose words are
shown as they are.
"""
from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from email.utils import parseaddr
from enum import StrEnum
from functools import partial
from typing import Annotated, Any, ClassVar, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, GetJsonSchemaHandler, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from advisord.model import Certainty, Phase, Reason, Reliability, Severity
from advisord.settings.faults import did_you_mean, quoted

T = TypeVar("T")
TEXT = "text"

_DURATION = re.compile(r"(\d{1,6})\s*([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_YEARS = range(1970, 2200)
_LONGEST = timedelta(days=36_500)
MAX_PORT = 65_535
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_COUNTRY = re.compile(r"[A-Z]{2}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# RFC 5321 4.1.2 Mailbox without quoted local parts and address literals, which no staff list needs
_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)*"
                      r"[^\W_](?:[\w-]{0,61}[^\W_])?")


class Shape(BaseModel):
    """Base of the shapes: unknown keys are refused, nothing is coerced."""

    piecewise: ClassVar[bool] = False  # whether an item with a fault may be checked further without its faulty keys

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)


def wrong(message: str) -> PydanticCustomError:
    """The error that carries our own words to the operator."""
    return PydanticCustomError("advisord", "{words}", {"words": message})


def _schema(**keys: Any) -> WithJsonSchema:
    return WithJsonSchema(keys)


def text_of(value: object, wanted: str) -> str:
    """The value where it is text; else tell that `wanted` was expected, with what to do about numbers."""
    if isinstance(value, str):
        if any(not (char.isprintable() or char in "\n\t") for char in value):
            raise wrong("holds a control character")
        return value.strip()
    raise wrong(_kind_words(value, wanted))


def _kind_words(value: object, wanted: str) -> str:
    if value is None:
        return f"is empty; {wanted} belongs here"
    in_quotes = " (in quotes)" if wanted == TEXT else ""
    if isinstance(value, bool):
        return f"is {str(value).lower()}, a truth value; {wanted} belongs here{in_quotes}"
    if isinstance(value, (int, float)):
        return f"is the number {value}; {wanted} belongs here{in_quotes}"
    return f"is a {'list' if isinstance(value, list) else 'map'}; {wanted} belongs here"


def _line(value: object) -> str:
    """One line of text that says something."""
    text = text_of(value, TEXT)
    if not text:
        raise wrong("is empty; text belongs here")
    if "\n" in text or "\t" in text:
        raise wrong("has more than one line")
    return text


def _matching(value: object, *, pattern: re.Pattern[str], wanted: str, how: str) -> str:
    text = text_of(value, wanted)
    if not pattern.fullmatch(text):
        raise wrong(f"{quoted(text)} is not {wanted} ({how})")
    return text


def _duration(value: object) -> timedelta:
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise wrong(f"{quoted(value)} is not a duration (write 30s, 5m, 72h, 14d or 2w)")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _kept(value: object) -> timedelta:
    """A duration for which something is kept: a day to a hundred years."""
    found = _duration(value)
    if not timedelta(days=1) <= found <= _LONGEST:
        raise wrong(f"{quoted(value)} is out of range (1d to {_LONGEST.days}d)")
    return found


def number_of(value: object, unit: str) -> float:
    """A number without a unit; "250km" is told to be written 250."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        text = str(value)
        digits = re.match(r"\d+(\.\d+)?", text)
        how = f"write {digits[0]}" if digits else "write a number such as 50"
        shown = text if isinstance(value, str) else _kind_words(value, "a number").partition(";")[0]
        raise wrong(f"{shown if isinstance(value, str) else 'it ' + shown} is not a number of {unit} ({how})")
    return float(value)


def _bounded(value: object, *, unit: str, most: float) -> float:
    number = number_of(value, unit)
    if not 0 < number <= most:
        raise wrong(f"{value} {unit} is out of range (more than 0, at most {most:g})")
    return number


def _member(value: object, *, of: type[StrEnum], noun: str) -> StrEnum:
    text = text_of(value, noun)
    if text not in set(of):
        raise wrong(f"{quoted(text)} is not {noun}{did_you_mean(text, list(of))}")
    return of(text)


def _at_least(value: object, *, of: type[StrEnum], noun: str) -> StrEnum:
    text = text_of(value, f"text such as 'at least {next(iter(of))}'")
    if text in set(of):
        raise wrong(f"{quoted(text)} says one {noun.partition(' ')[2]} only (write: at least {text})")
    if not text.startswith("at least "):
        raise wrong(f"{quoted(text)} is not understood (write: at least {next(iter(of))})")
    return _member(text.removeprefix("at least ").strip(), of=of, noun=noun)


def _credibility(value: object) -> int:
    match = re.fullmatch(r"at least ([1-6])", text_of(value, "text such as 'at least 3'"))
    if match is None:
        raise wrong(f"{quoted(value)} is not understood (write: at least 3; 1 is confirmed, 6 can't be judged)")
    return int(match[1])


def _timezone(value: object) -> str:
    name = text_of(value, "a time zone")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise wrong(f"{quoted(name)} is not a time zone (write one such as Africa/Bamako or UTC)") from error
    return name


def _mailbox(value: object) -> str:
    """An address that can stand in an SMTP command as it is; anything else is a slip or an injection."""
    text = text_of(value, "an e-mail address")
    if not _MAILBOX.fullmatch(text) or ".." in text.partition("@")[0]:
        raise wrong("is not an e-mail address (write name@example.org)")  # not shown: faults reach logs
    return text


def _sender(value: object) -> str:
    """`Name <a@b>` or `a@b`."""
    text = _line(value)
    name, address = parseaddr(text)
    if not _MAILBOX.fullmatch(address) or (name and not text.endswith(">")):
        raise wrong(f"{quoted(text)} is not a sender (write: Security desk <desk@example.org>)")
    return text


def _moment(value: object) -> date | datetime:
    """A day, or an instant with its own offset; a naive time is nobody's time and refused."""
    text = text_of(value, "a day or an instant")
    try:
        day = date.fromisoformat(text) if len(text) == len("2024-09-16") else None
        moment = day or datetime.fromisoformat(text)
    except ValueError as error:
        raise wrong(f"{quoted(text)} is not a day or an instant (write 2024-09-16 or "
                    "2024-09-16T22:40+00:00)") from error
    if moment.year not in _YEARS:
        raise wrong(f"{quoted(text)} is out of range (the years {_YEARS[0]} to {_YEARS[-1]})")
    if not isinstance(moment, datetime):
        return moment
    if moment.tzinfo is None:
        raise wrong(f"{quoted(text)} doesn't say in which offset (write {text}+00:00)")
    return moment.astimezone(UTC)


def _instant(value: object) -> datetime:
    moment = _moment(value)
    if not isinstance(moment, datetime):
        raise wrong(f"{quoted(value)} has no time of day (write {value}T22:40+00:00)")
    return moment


def _port(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong(f"{value!r} is not a port (write a number such as 587, without quotes)")
    if not 0 < value <= MAX_PORT:
        raise wrong(f"{value} is not a port (1 to {MAX_PORT})")
    return value


def _true_or_false(value: object) -> bool:
    if not isinstance(value, bool):
        raise wrong(f"{quoted(value)} is not true or false")
    return value


def _prose(value: object) -> str:
    """Text of any length, kept as it is: what a newsroom may write."""
    if not isinstance(value, str):
        raise wrong(_kind_words(value, TEXT))
    if not value.strip():
        raise wrong("is empty; text belongs here")
    return value


def _items(value: object) -> object:
    """A key whose list is empty or commented out is an empty list."""
    return [] if value is None else value


def _one_or_more(value: object) -> object:
    """One word stands for a list of it."""
    return value if isinstance(value, list) else [value]


def _variants(of: type[StrEnum], *, prefix: str = "") -> WithJsonSchema:
    return _schema(type="string", enum=[prefix + member for member in of])


class _ListOr:
    """Tells the JSON Schema what stands for a list besides a list: nothing, or one item of it."""

    __slots__ = ("_one",)

    def __init__(self, *, one: bool) -> None:
        self._one = one

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        listed = handler(core)
        return {"anyOf": [listed["items"] if self._one else {"type": "null"}, listed]}


Many = Annotated[list[T], BeforeValidator(_items), _ListOr(one=False)]
OneOrMore = Annotated[list[T], BeforeValidator(_one_or_more), _ListOr(one=True)]

Line = Annotated[str, BeforeValidator(_line), _schema(type="string", minLength=1)]
Prose = Annotated[str, BeforeValidator(_prose), _schema(type="string", minLength=1)]
Flag = Annotated[bool, BeforeValidator(_true_or_false), _schema(type="boolean")]
Port = Annotated[int, BeforeValidator(_port), _schema(type="integer", minimum=1, maximum=MAX_PORT)]
Id = Annotated[str, BeforeValidator(partial(
    _matching, pattern=_ID, wanted="an id", how="letters, digits, '.', '_', '-'; at most 64")),
    _schema(type="string", pattern=f"^{_ID.pattern}$", **{"$comment": "id"})]
Language = Annotated[str, BeforeValidator(partial(
    _matching, pattern=_LANGUAGE, wanted="a language", how="write a BCP 47 code such as fr")),
    _schema(type="string", pattern=f"^{_LANGUAGE.pattern}$", **{"$comment": "language"})]
Country = Annotated[str, BeforeValidator(partial(
    _matching, pattern=_COUNTRY, wanted="a country", how="write an ISO 3166 code of two capitals such as ML")),
    _schema(type="string", pattern="^[A-Z]{2}$", **{"$comment": "country"})]
Variable = Annotated[str, BeforeValidator(partial(
    _matching, pattern=_VARIABLE, wanted="the name of an environment variable", how="such as SMTP_PASSWORD")),
    _schema(type="string", pattern=f"^{_VARIABLE.pattern}$", **{"$comment": "name of a variable"})]
Duration = Annotated[timedelta, BeforeValidator(_duration),
                     _schema(type="string", pattern=r"^[0-9]{1,6} *[smhdw]$", **{"$comment": "duration"})]
Kept = Annotated[timedelta, BeforeValidator(_kept),
                 _schema(type="string", pattern=r"^[0-9]{1,6} *[smhdw]$", **{"$comment": "duration"})]
Clock = Annotated[str, BeforeValidator(partial(
    _matching, pattern=_CLOCK, wanted="a time of day", how='write "22:00"')),
    _schema(type="string", pattern=f"^{_CLOCK.pattern}$", **{"$comment": "time of day"})]
Timezone = Annotated[str, BeforeValidator(_timezone), _schema(type="string", **{"$comment": "time zone"})]
Mailbox = Annotated[str, BeforeValidator(_mailbox), _schema(type="string", **{"$comment": "e-mail address"})]
Sender = Annotated[str, BeforeValidator(_sender), _schema(type="string", **{"$comment": "sender"})]
Moment = Annotated[date | datetime, BeforeValidator(_moment),
                   _schema(type="string", **{"$comment": "day or instant"})]
Instant = Annotated[datetime, BeforeValidator(_instant), _schema(type="string", **{"$comment": "instant"})]
Hours = Annotated[float, BeforeValidator(partial(_bounded, unit="hours", most=24 * 366.0)),
                  _schema(type="number", exclusiveMinimum=0, maximum=24 * 366, **{"$comment": "hours"})]
Megabytes = Annotated[float, BeforeValidator(partial(_bounded, unit="megabytes", most=1e9)),
                      _schema(type="number", exclusiveMinimum=0, maximum=1e9)]
Grade = Annotated[Reliability, BeforeValidator(partial(
    _member, of=Reliability, noun="an Admiralty grade")), _variants(Reliability)]
OnePhase = Annotated[Phase, BeforeValidator(partial(_member, of=Phase, noun="a phase")), _variants(Phase)]
OneSeverity = Annotated[Severity, BeforeValidator(partial(_member, of=Severity, noun="a severity")),
                        _variants(Severity)]
OneCertainty = Annotated[Certainty, BeforeValidator(partial(_member, of=Certainty, noun="a certainty")),
                         _variants(Certainty)]
OneReason = Annotated[Reason, BeforeValidator(partial(_member, of=Reason, noun="a reason")), _variants(Reason)]
SeverityAtLeast = Annotated[Severity, BeforeValidator(partial(
    _at_least, of=Severity, noun="a severity")), _variants(Severity, prefix="at least ")]
CertaintyAtLeast = Annotated[Certainty, BeforeValidator(partial(
    _at_least, of=Certainty, noun="a certainty")), _variants(Certainty, prefix="at least ")]
GradeAtLeast = Annotated[Reliability, BeforeValidator(partial(
    _at_least, of=Reliability, noun="an Admiralty grade")), _variants(Reliability, prefix="at least ")]
CredibilityAtLeast = Annotated[int, BeforeValidator(_credibility),
                               _schema(type="string", enum=[f"at least {number}" for number in range(1, 7)])]


def one_of(*words: str, noun: str) -> Callable[[object], str]:
    """A check that a value is one of a few words."""
    def check(value: object) -> str:
        text = text_of(value, noun)
        if text not in words:
            raise wrong(f"{quoted(text)} is not {noun}{did_you_mean(text, words)}")
        return text

    return check


Mode = Annotated[Literal["live", "shadow"], BeforeValidator(one_of("live", "shadow", noun="a mode"))]
