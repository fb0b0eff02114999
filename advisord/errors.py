"""The one tree of errors, so that an edge can say what it may raise and a caller whether trying again helps."""


class AdvisordError(Exception):
    """Base of what this program raises on purpose; the message names the thing that failed, never a secret."""

    retryable: bool = False


class SettingsError(AdvisordError):
    """The configuration can't be used; `faults` are all of them, as `rules.yaml:14:5 rules[1].id: missing`."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        """Keep the faults in the order of file and line."""
        self.faults = faults
        super().__init__("\n".join(faults))


class FeedError(AdvisordError):
    """A feed could not be fetched or decoded this time; costs that feed one failure."""

    retryable = True

    def __init__(self, feed_id: str, reason: str, *, retry_after_s: float | None = None) -> None:
        """`reason` is a plain sentence for the officer; `retry_after_s` what the server asked for, in seconds."""
        self.feed_id = feed_id
        self.reason = reason
        self.retry_after_s = retry_after_s
        super().__init__(f"feed '{feed_id}': {reason}")


class ArticleError(AdvisordError):
    """A line given to `analyse` or `correlate` is no article."""


class StoreError(AdvisordError):
    """The store can't be opened or used; the message says what the operator can do."""


class StoreBusyError(StoreError):
    """Another daemon holds this store."""


class SeedError(AdvisordError):
    """A file of `seeds/` or `templates/` is missing or broken; names file and place."""


class ChannelError(AdvisordError):
    """A channel can't be used as configured; names the channel."""
