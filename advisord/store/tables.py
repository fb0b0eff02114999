"""The tables as SQLAlchemy Core sees them.

Instants are microseconds since 1970 (UTC), so that they sort and compare alike on both databases. A noun is kept as
JSON in `data`, beside the columns that queries need. `migrations/` builds the same tables; a test compares the two.
Text columns hold ids, addresses and codes; free text lives in `data`, where JSON escapes what PostgreSQL's text can't
hold (NUL).
"""
from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    false,
    true,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

metadata = MetaData(naming_convention={
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
})
ROW_ID = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up only a column that is INTEGER

meta = Table(
    "meta", metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
counters = Table(
    "counters", metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)
daemon_lock = Table(
    "daemon_lock", metadata,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("taken_at", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
)
feeds = Table(
    "feeds", metadata,
    Column("id", Text, primary_key=True),
    Column("active", Boolean, nullable=False),
    Column("next_at", BigInteger, nullable=False),  # 0 when never asked
    Column("last_attempt_at", BigInteger),  # in the future: the clock was set back since
    Column("data", Text, nullable=False),
    Index(None, "active", "next_at"),
    Index(None, "active", "last_attempt_at"),
)
articles = Table(
    "articles", metadata,
    Column("id", Text, primary_key=True),
    Column("feed_id", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("unread", Boolean, nullable=False),
    Column("read_no", BigInteger),  # counts readings, in their order
    Column("data", Text, nullable=False),
    Index(None, "feed_id", "fingerprint"),
    Index(None, "read_no"),
    Index(None, "seen_at"),
)
Index("ix_articles_unread", articles.c.seen_at, articles.c.id,
      sqlite_where=articles.c.unread == true(), postgresql_where=articles.c.unread == true())
article_versions = Table(
    "article_versions", metadata,
    Column("article_id", Text, ForeignKey("articles.id"), primary_key=True),
    Column("fingerprint", Text, primary_key=True),
    Column("replaced_at", BigInteger, nullable=False),
    Column("data", Text, nullable=False),
)
article_marks = Table(
    "article_marks", metadata,
    Column("mark", BigInteger, primary_key=True),
    Column("article_id", Text, primary_key=True),
    Column("seen_at", BigInteger, nullable=False),
    Index(None, "article_id"),
    Index(None, "seen_at"),
)
reports = Table(
    "reports", metadata,
    Column("id", Text, primary_key=True),
    Column("article_id", Text, nullable=False),
    Column("position", Integer, nullable=False),  # in its article
    Column("seen_at", BigInteger, nullable=False),
    Column("data", Text, nullable=False),
    Index(None, "article_id"),
    Index(None, "seen_at"),
)
denials = Table(
    "denials", metadata,  # which of the reports deny, since one may come before what it denies
    Column("report_id", Text, primary_key=True),
    Column("article_id", Text, nullable=False),
    Column("told_at", BigInteger, nullable=False),
    Column("country", Text),  # null: unknown
    Index(None, "article_id"),
    Index(None, "told_at"),
)
incidents = Table(
    "incidents", metadata,
    Column("id", Text, primary_key=True),
    Column("status", Text, nullable=False),
    Column("severity_rank", Integer, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("last_report_at", BigInteger, nullable=False),
    Column("time_from", BigInteger, nullable=False),
    Column("time_until", BigInteger, nullable=False),
    Column("country", Text),  # null: none, or several
    Column("vague", Boolean, nullable=False),  # its place is an area or unknown, so that no box holds it
    Column("lat_min", Float), Column("lat_max", Float), Column("lon_min", Float), Column("lon_max", Float),
    Column("revision", BigInteger, nullable=False),  # counts the readings that changed it
    Column("changed_at", BigInteger, nullable=False),
    Column("unreviewed", Boolean, nullable=False),
    Column("reviewed_at", BigInteger),
    Column("review_at", BigInteger),
    Column("data", Text, nullable=False),
    Index(None, "time_until"),
    Index(None, "last_report_at"),
    Index(None, "review_at"),
    Index(None, "reviewed_at"),
)
Index("ix_incidents_unreviewed", incidents.c.severity_rank,
      sqlite_where=incidents.c.unreviewed == true(), postgresql_where=incidents.c.unreviewed == true())
incident_articles = Table(
    "incident_articles", metadata,
    Column("incident_id", Text, ForeignKey("incidents.id"), primary_key=True),
    Column("article_id", Text, primary_key=True),
    Index(None, "article_id"),
)
exposures = Table(
    "exposures", metadata,
    Column("incident_id", Text, ForeignKey("incidents.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("person_id", Text),
    Column("location_id", Text, nullable=False),
    Column("data", Text, nullable=False),
    Index(None, "person_id"),
)
decisions = Table(
    "decisions", metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("incident_id", Text, ForeignKey("incidents.id"), nullable=False),
    Column("recipient", Text, nullable=False),
    Column("at", BigInteger, nullable=False),  # first decided so
    Column("until", BigInteger, nullable=False),  # last decided so again
    Column("latest", Boolean, nullable=False),
    Column("advisory_id", Text),
    Column("sameness", Text, nullable=False),  # digest of all but the instant
    Column("data", Text, nullable=False),
    Index(None, "incident_id", "recipient"),
    Index(None, "recipient"),
)
snapshots = Table(
    "snapshots", metadata,
    Column("digest", Text, primary_key=True),
    Column("data", Text, nullable=False),
)
advisories = Table(
    "advisories", metadata,
    Column("id", Text, primary_key=True),
    Column("incident_id", Text, ForeignKey("incidents.id"), nullable=False),
    Column("recipient", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("decided_at", BigInteger, nullable=False),
    Column("snapshot", Text, ForeignKey("snapshots.digest"), nullable=False),
    Column("data", Text, nullable=False),
    Column("checksum", Text, nullable=False),
    Index(None, "incident_id"),
    Index(None, "recipient"),
)
deliveries = Table(
    "deliveries", metadata,
    Column("id", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("thread", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("severity_rank", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("advisory_ids", Text, nullable=False),  # JSON, in order; the first leads
    Column("previous", Text),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text),
    Column("last_attempt_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("lease_until", BigInteger),
    Column("damaged", Boolean, nullable=False, server_default=false()),
    Column("checksum", Text, nullable=False),  # over all columns of a Delivery
    Index(None, "state"),
    Index(None, "recipient"),
    Index(None, "thread"),
)
Index("ix_deliveries_due", deliveries.c.severity_rank.desc(), deliveries.c.due_at,
      sqlite_where=deliveries.c.state == "pending", postgresql_where=deliveries.c.state == "pending")
delivery_advisories = Table(
    "delivery_advisories", metadata,
    Column("delivery_id", Text, ForeignKey("deliveries.id"), primary_key=True),
    Column("advisory_id", Text, ForeignKey("advisories.id"), primary_key=True),
    Index(None, "advisory_id"),
)
rendered = Table(
    "rendered", metadata,
    Column("delivery_id", Text, ForeignKey("deliveries.id"), primary_key=True),
    Column("content_type", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("checksum", Text, nullable=False),
)
attempts = Table(
    "attempts", metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("delivery_id", Text, ForeignKey("deliveries.id"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index(None, "delivery_id"),
)
silences = Table(
    "silences", metadata,
    Column("id", Text, primary_key=True),
    Column("until", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("data", Text, nullable=False),
    Index(None, "until"),
)
admissions = Table(
    "admissions", metadata,
    Column("incident_id", Text, ForeignKey("incidents.id"), primary_key=True),
    Column("recipient", Text, primary_key=True),
    Column("advisory_id", Text, ForeignKey("advisories.id"), nullable=False),
    Column("severity_rank", Integer, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("stand", Text, nullable=False),
    Index(None, "due_at"),
    Index(None, "stand"),
)
journal = Table(
    "journal", metadata,
    Column("n", ROW_ID, primary_key=True, autoincrement=False),  # counts from 1 without a gap
    Column("at", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("incident_id", Text),  # no foreign keys: rows outlive what they tell of
    Column("article_id", Text),
    Column("digest", Text, nullable=False),  # of salt and data, which may be forgotten
    Column("data", Text),
    Column("salt", Text),
    Column("hash", Text, nullable=False),
    Index(None, "incident_id"),
    Index(None, "article_id"),
)
sessions = Table(
    "sessions", metadata,
    Column("token", Text, primary_key=True),  # SHA-256 of what the browser holds
    Column("account", Text, nullable=False),
    Column("stamp", Text, nullable=False),  # of the account as it was: another password or role ends the session
    Column("begun_at", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Index(None, "until"),
)
approvals = Table(
    "approvals", metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("messages", Integer, nullable=False),
    Column("data", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("decided_by", Text),
    Column("decided_at", BigInteger),
    Index(None, "state"),
    Index(None, "subject"),
)
answers = Table(
    "answers", metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("incident_id", Text, nullable=False),
    Column("person_id", Text, nullable=False),
    Column("wellbeing", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("way", Text, nullable=False),
    Column("by", Text),
    Index(None, "incident_id", "person_id"),
    Index(None, "person_id"),
)
escalations = Table(
    "escalations", metadata,
    Column("incident_id", Text, primary_key=True),
    Column("person_id", Text, primary_key=True),
    Column("step", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Index(None, "person_id"),
)


def micros(at: datetime) -> int:
    """Microseconds since 1970 of an aware instant, exact."""
    return (at - EPOCH) // MICROSECOND


def micros_or_none(at: datetime | None) -> int | None:
    """The same, null for null."""
    return None if at is None else micros(at)


def instant(count: int) -> datetime:
    """The aware UTC instant of that many microseconds since 1970."""
    return EPOCH + timedelta(microseconds=count)


def instant_or_none(count: int | None) -> datetime | None:
    """The same, null for null."""
    return None if count is None else instant(count)
