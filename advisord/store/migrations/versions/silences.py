"""What keeps messages back: silences, and who is told of an incident for the first time, or waits for it."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables, empty: what was told before counts under no ceiling."""
    op.create_table(
        "silences",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_silences"),
    )
    op.create_index("ix_silences_until", "silences", ["until"])
    op.create_table(
        "admissions",
        sa.Column("incident_id", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("advisory_id", sa.Text(), nullable=False),
        sa.Column("severity_rank", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("stand", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("incident_id", "recipient", name="pk_admissions"),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_admissions_incident_id_incidents"),
        sa.ForeignKeyConstraint(["advisory_id"], ["advisories.id"], name="fk_admissions_advisory_id_advisories"),
    )
    op.create_index("ix_admissions_due_at", "admissions", ["due_at"])
    op.create_index("ix_admissions_stand", "admissions", ["stand"])
