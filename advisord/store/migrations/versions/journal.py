"""The journal: what happened, each row sealed with the one before it."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make its table; it begins with what comes next, since what was before can't be sworn to."""
    op.create_table(
        "journal",
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, autoincrement=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("incident_id", sa.Text()),
        sa.Column("article_id", sa.Text()),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("n", name="pk_journal"),
    )
    op.create_index("ix_journal_incident_id", "journal", ["incident_id"])
    op.create_index("ix_journal_article_id", "journal", ["article_id"])
