"""Denials, found by place and time, since one may come before what it denies."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make their table; those of before stand in the incidents that they were joined with."""
    op.create_table(
        "denials",
        sa.Column("report_id", sa.Text(), nullable=False),
        sa.Column("article_id", sa.Text(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        sa.Column("country", sa.Text()),
        sa.PrimaryKeyConstraint("report_id", name="pk_denials"),
    )
    op.create_index("ix_denials_article_id", "denials", ["article_id"])
    op.create_index("ix_denials_told_at", "denials", ["told_at"])
