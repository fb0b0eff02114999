"""The nouns as JSON text and back, and the digests that tell a flipped bit."""
from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from hashlib import blake2b
from typing import TypeVar

import structlog
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from advisord.errors import StoreError
from advisord.model import (
    Advisory,
    Article,
    Certainty,
    Decision,
    Exposure,
    FeedState,
    Incident,
    Phase,
    Severity,
    Silence,
    SourcedReport,
    Urgency,
)
from advisord.store.tables import EPOCH

log = structlog.get_logger("advisord.store")

Noun = TypeVar("Noun")


def digest(*parts: bytes) -> str:
    """A 128-bit digest of the parts, which can't be confused with that of parts cut elsewhere."""
    whole = blake2b(digest_size=16)
    for part in parts:
        whole.update(len(part).to_bytes(8, "big"))
        whole.update(part)
    return whole.hexdigest()


def to_json(adapter: TypeAdapter[Noun], noun: Noun, *, without: str | None = None) -> str:
    """JSON of a noun, perhaps without one of its fields.

    A lone surrogate, which no UTF-8 can hold, becomes one "?": offsets into the text stay true.
    """
    left_out = {without} if without else None
    try:
        return adapter.dump_json(noun, exclude=left_out).decode()
    except PydanticSerializationError:
        plain = json.dumps(adapter.dump_python(noun, mode="json", exclude=left_out), ensure_ascii=False)
        return plain.encode("utf-8", "replace").decode()


def from_json(adapter: TypeAdapter[Noun], data: str, what: str) -> Noun:
    """The noun of that JSON; StoreError naming `what` where the disk changed it into something else."""
    try:
        return adapter.validate_json(data)
    except ValidationError as error:
        raise StoreError(f"store: {what} is damaged on disk; restore the last backup") from error


def readable(adapter: TypeAdapter[Noun], rows: Iterable[tuple[str, str]], kind: str) -> Iterator[tuple[str, Noun]]:
    """Id and noun of rows of id and JSON; a damaged one is logged and left out, so that it holds up no other."""
    for name, data in rows:
        try:
            noun = from_json(adapter, data, f"{kind} '{name}'")
        except StoreError as error:
            log.error("row_damaged", row=f"{kind} {name}", reason=str(error))  # noqa: TRY400 - told in one line
        else:
            yield name, noun


class Nouns:
    """The adapters, each built at first use."""

    @cached_property
    def feed_state(self) -> TypeAdapter[FeedState]:
        """Of a FeedState."""
        return TypeAdapter(FeedState)

    @cached_property
    def article(self) -> TypeAdapter[Article]:
        """Of an Article."""
        return TypeAdapter(Article)

    @cached_property
    def report(self) -> TypeAdapter[SourcedReport]:
        """Of a SourcedReport."""
        return TypeAdapter(SourcedReport)

    @cached_property
    def incident(self) -> TypeAdapter[Incident]:
        """Of an Incident."""
        return TypeAdapter(Incident)

    @cached_property
    def exposure(self) -> TypeAdapter[Exposure]:
        """Of an Exposure."""
        return TypeAdapter(Exposure)

    @cached_property
    def decision(self) -> TypeAdapter[Decision]:
        """Of a Decision."""
        return TypeAdapter(Decision)

    @cached_property
    def advisory(self) -> TypeAdapter[Advisory]:
        """Of an Advisory."""
        return TypeAdapter(Advisory)

    @cached_property
    def silence(self) -> TypeAdapter[Silence]:
        """Of a Silence."""
        return TypeAdapter(Silence)

    @cached_property
    def ids(self) -> TypeAdapter[tuple[str, ...]]:
        """Of a list of ids."""
        return TypeAdapter(tuple[str, ...])

    @cached_property
    def _somewhere(self) -> str:
        """An incident in the place of the one that an advisory shares with many others."""
        nobody = Incident(id="", hazard="", phase=Phase.OCCURRED, severity=Severity.UNKNOWN, urgency=Urgency.UNKNOWN,
                          certainty=Certainty.UNKNOWN, opened_at=EPOCH, last_report_at=EPOCH, reports=())
        return to_json(self.incident, nobody)

    def advisory_of(self, incident: Incident, data: str) -> Advisory:
        """An Advisory from its own JSON and its incident, which is read once for all that share it."""
        return replace(self.advisory_without_incident(data), incident=incident)

    def advisory_without_incident(self, data: str) -> Advisory:
        """An Advisory from its own JSON, about nothing."""
        return from_json(self.advisory, '{"incident":' + self._somewhere + "," + data[1:], "an advisory")
