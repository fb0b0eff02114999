"""`retention:` of advisord.yaml: how long each class of what is kept is kept."""
from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from advisord.settings.shape.fields import Kept, Shape


class RetentionShape(Shape):
    """How long what is kept is kept. What is older is forgotten once a day, and by `advisord purge`.

    What belongs to an incident is counted from when it was over and last heard of; an open one is kept whole.
    """

    people: Kept = Field(default=timedelta(days=90), json_schema_extra={"default": "90d"})
    """Whom an incident touched, where they were and how near, and why each was told or not."""
    messages: Kept = Field(default=timedelta(days=365), json_schema_extra={"default": "365d"})
    """What was said and sent, to the byte, and how each attempt ended. It names people and places too."""
    articles: Kept = Field(default=timedelta(days=90), json_schema_extra={"default": "90d"})
    """The text of articles, and what was read from it. `advisord replay` reaches as far back."""
    incidents: Kept = Field(default=timedelta(days=730), json_schema_extra={"default": "730d"})
    """What happened: an incident with its reports and the words that show it. At least as long as people and
    messages, since it goes with all that was said of it.
    """
    journal: Kept = Field(default=timedelta(days=1095), json_schema_extra={"default": "1095d"})
    """What the rows of the journal tell. The rows stay for ever, without it, so that the chain can be verified."""
