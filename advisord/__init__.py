"""advisord reads news feeds, understands security incidents, and tells the staff they touch what to do."""

__version__ = "0.1.0"
