"""What is sound in a file with faults: so that the cross checks can tell the rest in the same run.

Faulty keys are taken out of an item where it can do without them and nothing false would follow (staff, rules: their
shapes say `piecewise`); elsewhere the item is set aside. A trip that lacks a key takes its person's other trips with
it, whose places are then told in the next run. What is left is never used to run the service.
"""
from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from advisord.settings.shape.fields import Shape

S = TypeVar("S", bound=Shape)
Loc = tuple[int | str, ...]

_INSIDE = 3  # list, place and key: the shortest path to something inside an item
_ROUNDS = 4  # an item that is faulty still after so many prunings is set aside


def sound_part(value: dict[str, Any], details: Sequence[ErrorDetails],
               shape: type[S]) -> tuple[S, dict[str, list[int]]]:
    """The value without what is wrong in it, and for each list the places in the file of the items that are left."""
    kept = deepcopy(value) if shape.piecewise else dict(value)
    rest = _pruned(kept, details, shape) if shape.piecewise else details
    items = {detail["loc"][:2] for detail in rest if _is_item(detail["loc"])}
    keys = {detail["loc"][0] for detail in rest
            if not (_is_item(detail["loc"]) and isinstance(kept.get(str(detail["loc"][0])), list))}
    places: dict[str, list[int]] = {}
    for key in list(kept):
        if key in keys:
            del kept[key]
        elif isinstance(kept[key], list):
            places[key] = [place for place in range(len(kept[key])) if (key, place) not in items]
            kept[key] = [kept[key][place] for place in places[key]]
    for name, field in shape.model_fields.items():
        if field.is_required() and name not in kept:
            kept[name] = []
    return shape.model_validate(kept), places


def _is_item(loc: Loc) -> bool:
    return len(loc) > 1 and isinstance(loc[1], int)


def _pruned(kept: dict[str, Any], details: Sequence[ErrorDetails], shape: type[Shape]) -> Sequence[ErrorDetails]:
    """Takes faulty keys out of the items in place; answers with what is wrong still."""
    for _ in range(_ROUNDS):
        pruned = [_prune(kept, detail) for detail in details if _is_item(detail["loc"])]
        if not any(pruned):
            return details
        try:
            shape.model_validate(kept)
        except ValidationError as error:
            details = error.errors(include_url=False)
        else:
            return []
    return details


def _prune(kept: dict[str, Any], detail: ErrorDetails) -> bool:
    """Take out the nearest key that holds the fault; whether there was one inside the item."""
    path = [part for part in detail["loc"] if not str(part).startswith("~")]
    if detail["type"] == "missing":
        path.pop()
    while path and isinstance(path[-1], int):
        path.pop()
    if len(path) < _INSIDE:
        return False
    holder: Any = kept
    for part in path[:-1]:
        if isinstance(holder, dict) and part not in holder:
            return True  # taken out with another fault already
        holder = holder[part]
    if isinstance(holder, dict):
        holder.pop(path[-1], None)
        return True
    return False
