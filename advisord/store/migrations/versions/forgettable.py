"""The journal's details stand beside its chain, which holds their salted digests, so that they can be forgotten."""
from __future__ import annotations

import json
from hashlib import sha256
from secrets import token_hex

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

CHAINED = ("n", "at", "kind", "incident_id", "article_id")
AT_ONCE = 1000


def upgrade() -> None:
    """Seal every row anew, in the new form; the last row says what head the old chain had and whether it was whole."""
    for index in ("ix_journal_incident_id", "ix_journal_article_id"):
        op.drop_index(index, table_name="journal")
    op.rename_table("journal", "journal_before")
    op.execute(sa.text("ALTER TABLE journal_before DROP CONSTRAINT pk_journal")
               if op.get_bind().dialect.name == "postgresql" else sa.text("SELECT 1"))
    op.create_table(
        "journal",
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, autoincrement=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("incident_id", sa.Text()),
        sa.Column("article_id", sa.Text()),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("data", sa.Text()),
        sa.Column("salt", sa.Text()),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("n", name="pk_journal"),
    )
    op.create_index("ix_journal_incident_id", "journal", ["incident_id"])
    op.create_index("ix_journal_article_id", "journal", ["article_id"])
    _seal_anew(op.get_bind())
    op.drop_table("journal_before")


def _seal_anew(connection: sa.Connection) -> None:
    kept = {row.key: row.value for row in connection.execute(sa.text(
        "SELECT key, value FROM meta WHERE key IN ('journal_head', 'journal_genesis')"))}
    if "journal_genesis" not in kept:
        return
    table = sa.Table("journal", sa.MetaData(), autoload_with=connection)
    before = after = kept["journal_genesis"]
    whole, number, at = True, 0, 0
    query = sa.text("SELECT n, at, kind, incident_id, article_id, data, hash FROM journal_before WHERE n > :last "
                    "ORDER BY n LIMIT :some")
    while rows := connection.execute(query, {"last": number, "some": AT_ONCE}).mappings().all():
        sealed = []
        for row in rows:
            chained = {name: row[name] for name in CHAINED}
            whole &= row["n"] == number + 1 and row["hash"] == _seal(before, {**chained, "data": row["data"]})
            before, number, at = row["hash"], row["n"], row["at"]
            sealed.append(_row(after, chained, row["data"]))
            after = str(sealed[-1]["hash"])
        connection.execute(table.insert(), sealed)
    whole &= kept.get("journal_head") == f"{number} {before}"
    told = _canonical({"rows": number, "head": before, "whole": whole})
    last = _row(after, {"n": number + 1, "at": at, "kind": "resealed", "incident_id": None, "article_id": None}, told)
    connection.execute(table.insert(), [last])
    connection.execute(sa.text("UPDATE meta SET value = :head WHERE key = 'journal_head'"),
                       {"head": f"{number + 1} {last['hash']}"})


def _row(before: str, chained: dict[str, object], data: str) -> dict[str, object]:
    salt = token_hex(16)
    row = {**chained, "digest": sha256(f"{salt}\n{data}".encode()).hexdigest()}
    return {**row, "data": data, "salt": salt, "hash": _seal(before, row)}


def _seal(before: str, row: dict[str, object]) -> str:
    return sha256(f"{before}\n{_canonical(row)}".encode()).hexdigest()


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
