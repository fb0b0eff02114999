"""The first schema: feeds, articles, incidents, the outbox."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table."""
    _feeds()
    _articles()
    _article_versions()
    _article_marks()
    _reports()
    _incidents()
    _incident_articles()
    _exposures()
    _decisions()
    _snapshots()
    _advisories()
    _deliveries()
    _delivery_advisories()
    _rendered()
    _attempts()
    _meta()
    _counters()
    _daemon_lock()


def _feeds() -> None:
    op.create_table(
        "feeds",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("last_attempt_at", sa.BigInteger()),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feeds"),
    )
    op.create_index("ix_feeds_active_last_attempt_at", "feeds", ["active", "last_attempt_at"])
    op.create_index("ix_feeds_active_next_at", "feeds", ["active", "next_at"])


def _articles() -> None:
    op.create_table(
        "articles",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("feed_id", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("unread", sa.Boolean(), nullable=False),
        sa.Column("read_no", sa.BigInteger()),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_articles"),
    )
    op.create_index("ix_articles_feed_id_fingerprint", "articles", ["feed_id", "fingerprint"])
    op.create_index("ix_articles_read_no", "articles", ["read_no"])
    op.create_index("ix_articles_seen_at", "articles", ["seen_at"])
    op.create_index(
        "ix_articles_unread", "articles", ["seen_at", "id"], sqlite_where=sa.text("unread = 1"),
        postgresql_where=sa.text("unread"),
    )


def _article_versions() -> None:
    op.create_table(
        "article_versions",
        sa.Column("article_id", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("replaced_at", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_article_versions_article_id_articles"),
        sa.PrimaryKeyConstraint("article_id", "fingerprint", name="pk_article_versions"),
    )


def _article_marks() -> None:
    op.create_table(
        "article_marks",
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.Column("article_id", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("mark", "article_id", name="pk_article_marks"),
    )
    op.create_index("ix_article_marks_article_id", "article_marks", ["article_id"])
    op.create_index("ix_article_marks_seen_at", "article_marks", ["seen_at"])


def _reports() -> None:
    op.create_table(
        "reports",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("article_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reports"),
    )
    op.create_index("ix_reports_article_id", "reports", ["article_id"])
    op.create_index("ix_reports_seen_at", "reports", ["seen_at"])


def _incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("severity_rank", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("last_report_at", sa.BigInteger(), nullable=False),
        sa.Column("time_from", sa.BigInteger(), nullable=False),
        sa.Column("time_until", sa.BigInteger(), nullable=False),
        sa.Column("country", sa.Text()),
        sa.Column("vague", sa.Boolean(), nullable=False),
        sa.Column("lat_min", sa.Float()),
        sa.Column("lat_max", sa.Float()),
        sa.Column("lon_min", sa.Float()),
        sa.Column("lon_max", sa.Float()),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("unreviewed", sa.Boolean(), nullable=False),
        sa.Column("reviewed_at", sa.BigInteger()),
        sa.Column("review_at", sa.BigInteger()),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
    )
    op.create_index("ix_incidents_last_report_at", "incidents", ["last_report_at"])
    op.create_index("ix_incidents_review_at", "incidents", ["review_at"])
    op.create_index("ix_incidents_reviewed_at", "incidents", ["reviewed_at"])
    op.create_index("ix_incidents_time_until", "incidents", ["time_until"])
    op.create_index(
        "ix_incidents_unreviewed", "incidents", ["severity_rank"], sqlite_where=sa.text("unreviewed = 1"),
        postgresql_where=sa.text("unreviewed"),
    )


def _incident_articles() -> None:
    op.create_table(
        "incident_articles",
        sa.Column("incident_id", sa.Text(), nullable=False),
        sa.Column("article_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"],
                                name="fk_incident_articles_incident_id_incidents"),
        sa.PrimaryKeyConstraint("incident_id", "article_id", name="pk_incident_articles"),
    )
    op.create_index("ix_incident_articles_article_id", "incident_articles", ["article_id"])


def _exposures() -> None:
    op.create_table(
        "exposures",
        sa.Column("incident_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Text()),
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_exposures_incident_id_incidents"),
        sa.PrimaryKeyConstraint("incident_id", "position", name="pk_exposures"),
    )
    op.create_index("ix_exposures_person_id", "exposures", ["person_id"])


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("incident_id", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("latest", sa.Boolean(), nullable=False),
        sa.Column("advisory_id", sa.Text()),
        sa.Column("sameness", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_decisions_incident_id_incidents"),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
    )
    op.create_index("ix_decisions_incident_id_recipient", "decisions", ["incident_id", "recipient"])
    op.create_index("ix_decisions_recipient", "decisions", ["recipient"])


def _snapshots() -> None:
    op.create_table(
        "snapshots",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_snapshots"),
    )


def _advisories() -> None:
    op.create_table(
        "advisories",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("incident_id", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("checksum", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_advisories_incident_id_incidents"),
        sa.ForeignKeyConstraint(["snapshot"], ["snapshots.digest"], name="fk_advisories_snapshot_snapshots"),
        sa.PrimaryKeyConstraint("id", name="pk_advisories"),
    )
    op.create_index("ix_advisories_incident_id", "advisories", ["incident_id"])
    op.create_index("ix_advisories_recipient", "advisories", ["recipient"])


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("severity_rank", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger()),
        sa.Column("advisory_ids", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text()),
        sa.Column("last_attempt_at", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("lease_until", sa.BigInteger()),
        sa.Column("damaged", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("checksum", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
    )
    op.create_index(
        "ix_deliveries_due", "deliveries", [sa.literal_column("severity_rank DESC"), "due_at"],
        sqlite_where=sa.text("state = 'pending'"), postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index("ix_deliveries_recipient", "deliveries", ["recipient"])
    op.create_index("ix_deliveries_state", "deliveries", ["state"])
    op.create_index("ix_deliveries_thread", "deliveries", ["thread"])


def _delivery_advisories() -> None:
    op.create_table(
        "delivery_advisories",
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("advisory_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["advisory_id"], ["advisories.id"],
                                name="fk_delivery_advisories_advisory_id_advisories"),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"],
                                name="fk_delivery_advisories_delivery_id_deliveries"),
        sa.PrimaryKeyConstraint("delivery_id", "advisory_id", name="pk_delivery_advisories"),
    )
    op.create_index("ix_delivery_advisories_advisory_id", "delivery_advisories", ["advisory_id"])


def _rendered() -> None:
    op.create_table(
        "rendered",
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("checksum", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name="fk_rendered_delivery_id_deliveries"),
        sa.PrimaryKeyConstraint("delivery_id", name="pk_rendered"),
    )


def _attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name="fk_attempts_delivery_id_deliveries"),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
    )
    op.create_index("ix_attempts_delivery_id", "attempts", ["delivery_id"])


def _meta() -> None:
    op.create_table(
        "meta",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )


def _counters() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counters"),
    )


def _daemon_lock() -> None:
    op.create_table(
        "daemon_lock",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_daemon_lock"),
    )
