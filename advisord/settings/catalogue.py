"""seeds/catalogue.yaml: the public feeds that `advisord init` picks from."""
from __future__ import annotations

from pathlib import Path

from pydantic import Field, ValidationError

from advisord.errors import SeedError
from advisord.settings.document import document
from advisord.settings.shape.feeds import FeedShape
from advisord.settings.shape.fields import Id, Line, Many, Shape
from advisord.settings.wording import fault_of

WORLD = "world"


class CatalogueFeed(FeedShape):
    """A feed with where in the world it helps, and why one would read it."""

    regions: Many[Id] = Field(min_length=1)
    """Words such as `sahel`; `world` is taken for every region."""
    why: Line
    """One line for the operator."""
    seen: Line | None = None
    """Where its address was found stated in public."""


class Catalogue(Shape):
    """The public feeds."""

    feeds: Many[CatalogueFeed]
    """The feeds."""

    def regions(self) -> tuple[str, ...]:
        """Every region that a feed names, `world` apart."""
        return tuple(sorted({region for feed in self.feeds for region in feed.regions} - {WORLD}))

    def of_regions(self, regions: frozenset[str]) -> tuple[CatalogueFeed, ...]:
        """The feeds of those regions and those for the whole world, in the order of the catalogue."""
        return tuple(feed for feed in self.feeds if not (regions | {WORLD}).isdisjoint(feed.regions))


def catalogue(file: Path) -> Catalogue:
    """The catalogue in a file; SeedError with its faults."""
    try:
        read, faults = document(str(file), file.read_bytes(), {})
        if faults:
            raise SeedError(str(faults[0]))
        return Catalogue.model_validate(read.value)
    except OSError as error:
        raise SeedError(f"{file} can't be read: {error.strerror}") from error
    except ValidationError as error:
        faults = [fault_of(read, Catalogue, detail) for detail in error.errors(include_url=False)]
        raise SeedError("\n".join(str(fault) for fault in faults)) from error
