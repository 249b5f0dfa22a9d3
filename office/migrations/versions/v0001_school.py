"""The school: pupils, taps, points, DJ turns, staff.

The triggers are here because no model can say them: a tap and an entry of the ledger are never changed, and an entry is
never deleted within twelve months (older ones are detail that need not be kept; the balance stands beside them).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from office.columns import UtcInstant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SQLITE_TRIGGERS = (
    """
    CREATE TRIGGER taps_unchanged BEFORE UPDATE ON taps
    BEGIN SELECT RAISE(ABORT, 'a tap is never changed'); END
    """,
    """
    CREATE TRIGGER ledger_entries_unchanged BEFORE UPDATE ON ledger_entries
    BEGIN SELECT RAISE(ABORT, 'the ledger is append only'); END
    """,
    """
    CREATE TRIGGER ledger_entries_kept BEFORE DELETE ON ledger_entries WHEN OLD.at > datetime('now', '-12 months')
    BEGIN SELECT RAISE(ABORT, 'the ledger is append only'); END
    """,
)
_POSTGRESQL_TRIGGERS = (
    """
    CREATE FUNCTION never_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '% is append only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$
    """,
    """
    CREATE TRIGGER taps_unchanged BEFORE UPDATE ON taps
    FOR EACH ROW EXECUTE FUNCTION never_changed()
    """,
    """
    CREATE TRIGGER ledger_entries_unchanged BEFORE UPDATE ON ledger_entries
    FOR EACH ROW EXECUTE FUNCTION never_changed()
    """,
    """
    CREATE TRIGGER ledger_entries_kept BEFORE DELETE ON ledger_entries
    FOR EACH ROW WHEN (OLD.at > now() - interval '12 months') EXECUTE FUNCTION never_changed()
    """,
)


def upgrade() -> None:
    """Make the tables and the triggers."""
    op.create_table(
        "answered",
        sa.Column("who", sa.String(length=32), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("verb", sa.String(length=32), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at", UtcInstant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("who", "request_id", name=op.f("pk_answered")),
    )
    op.create_index(op.f("ix_answered_at"), "answered", ["at"], unique=False)
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcInstant(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False)
    op.create_table(
        "classrooms",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_classrooms")),
    )
    op.create_table(
        "ended_sessions",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("until", UtcInstant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ended_sessions")),
    )
    op.create_table(
        "reasons",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("picture", sa.String(length=8), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("points BETWEEN 1 AND 10", name=op.f("ck_reasons_points")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reasons")),
    )
    op.create_table(
        "school_days",
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("timezone", sa.String(length=60), nullable=False),
        sa.Column("day", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("date", name=op.f("pk_school_days")),
    )
    op.create_table(
        "settings",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_settings")),
    )
    op.create_table(
        "staff",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("pin_hash", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("wait_until", UtcInstant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_staff")),
    )
    op.create_table(
        "pupils",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("upn", sa.String(length=20), nullable=False),
        sa.Column("first_name", sa.String(length=100), nullable=False),
        sa.Column("preferred_name", sa.String(length=100), nullable=False),
        sa.Column("last_name", sa.String(length=100), nullable=False),
        sa.Column("date_of_birth", sa.Date(), nullable=False),
        sa.Column("classroom_id", sa.String(length=32), nullable=False),
        sa.Column("picture", sa.String(length=8), nullable=False),
        sa.Column("language", sa.String(length=40), nullable=False),
        sa.Column("dj_name_consent", sa.Boolean(), nullable=False),
        sa.Column("contact_name", sa.String(length=200), nullable=False),
        sa.Column("contact_phone", sa.String(length=60), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["classroom_id"], ["classrooms.id"], name=op.f("fk_pupils_classroom_id_classrooms")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pupils")),
        sa.UniqueConstraint("upn", name=op.f("uq_pupils_upn")),
    )
    op.create_index(op.f("ix_pupils_classroom_id"), "pupils", ["classroom_id"], unique=False)
    op.create_table(
        "accounts",
        sa.Column("pupil_id", sa.String(length=32), nullable=False),
        sa.Column("balance", sa.Integer(), nullable=False),
        sa.Column("earned", sa.Integer(), nullable=False),
        sa.CheckConstraint("balance >= 0", name=op.f("ck_accounts_balance")),
        sa.CheckConstraint("earned >= balance", name=op.f("ck_accounts_earned")),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupils.id"], name=op.f("fk_accounts_pupil_id_pupils")),
        sa.PrimaryKeyConstraint("pupil_id", name=op.f("pk_accounts")),
    )
    op.create_table(
        "brought_forward",
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("slot", sa.String(length=32), nullable=False),
        sa.Column("pupil_id", sa.String(length=32), nullable=False),
        sa.Column("at", UtcInstant(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(length=32), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupils.id"], name=op.f("fk_brought_forward_pupil_id_pupils")),
        sa.PrimaryKeyConstraint("date", "slot", name=op.f("pk_brought_forward")),
    )
    op.create_index(op.f("ix_brought_forward_pupil_id"), "brought_forward", ["pupil_id"], unique=False)
    op.create_table(
        "cards",
        sa.Column("card_hash", sa.String(length=64), nullable=False),
        sa.Column("pupil_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupils.id"], name=op.f("fk_cards_pupil_id_pupils")),
        sa.PrimaryKeyConstraint("card_hash", name=op.f("pk_cards")),
    )
    op.create_index(op.f("ix_cards_pupil_id"), "cards", ["pupil_id"], unique=False)
    op.create_table(
        "dj_turns",
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("slot", sa.String(length=32), nullable=False),
        sa.Column("pupil_id", sa.String(length=32), nullable=False),
        sa.Column("term", sa.String(length=100), nullable=False),
        sa.Column("start_at", UtcInstant(timezone=True), nullable=False),
        sa.Column("picks", sa.JSON(), nullable=False),
        sa.Column("at", UtcInstant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupils.id"], name=op.f("fk_dj_turns_pupil_id_pupils")),
        sa.PrimaryKeyConstraint("date", "slot", name=op.f("pk_dj_turns")),
    )
    op.create_index(op.f("ix_dj_turns_pupil_id"), "dj_turns", ["pupil_id"], unique=False)
    op.create_index(op.f("ix_dj_turns_term"), "dj_turns", ["term"], unique=False)
    op.create_table(
        "ledger_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.String(length=32), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("picture", sa.String(length=8), nullable=False),
        sa.Column("at", UtcInstant(timezone=True), nullable=False),
        sa.Column("given_by", sa.String(length=32), nullable=False),
        sa.CheckConstraint("points <> 0", name=op.f("ck_ledger_entries_points")),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupils.id"], name=op.f("fk_ledger_entries_pupil_id_pupils")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
    )
    op.create_index(op.f("ix_ledger_entries_pupil_id"), "ledger_entries", ["pupil_id"], unique=False)
    op.create_table(
        "memberships",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.String(length=32), nullable=False),
        sa.Column("group_name", sa.String(length=60), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("to_date", sa.Date(), nullable=True),
        sa.CheckConstraint("to_date IS NULL OR to_date >= from_date", name=op.f("ck_memberships_dates")),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupils.id"], name=op.f("fk_memberships_pupil_id_pupils")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memberships")),
        sa.UniqueConstraint(
            "pupil_id", "group_name", "from_date", name=op.f("uq_memberships_pupil_id_group_name_from_date")
        ),
    )
    op.create_table(
        "taps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.String(length=32), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("session", sa.String(length=4), nullable=False),
        sa.Column("at", UtcInstant(timezone=True), nullable=False),
        sa.Column("received_at", UtcInstant(timezone=True), nullable=False),
        sa.Column("means", sa.String(length=8), nullable=False),
        sa.Column("kiosk", sa.String(length=32), nullable=False),
        sa.CheckConstraint("means IN ('touch', 'card')", name=op.f("ck_taps_means")),
        sa.CheckConstraint("session IN ('am', 'pm', 'none')", name=op.f("ck_taps_session")),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupils.id"], name=op.f("fk_taps_pupil_id_pupils")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taps")),
        sa.UniqueConstraint("pupil_id", "date", "session", name=op.f("uq_taps_pupil_id_date_session")),
    )
    op.create_index("ix_taps_date", "taps", ["date"], unique=False)

    triggers = _SQLITE_TRIGGERS if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL_TRIGGERS
    for statement in triggers:
        op.execute(sa.text(statement))


def downgrade() -> None:
    """Drop everything."""
    op.drop_index("ix_taps_date", table_name="taps")
    op.drop_table("taps")
    op.drop_table("memberships")
    op.drop_index(op.f("ix_ledger_entries_pupil_id"), table_name="ledger_entries")
    op.drop_table("ledger_entries")
    op.drop_index(op.f("ix_dj_turns_term"), table_name="dj_turns")
    op.drop_index(op.f("ix_dj_turns_pupil_id"), table_name="dj_turns")
    op.drop_table("dj_turns")
    op.drop_index(op.f("ix_cards_pupil_id"), table_name="cards")
    op.drop_table("cards")
    op.drop_index(op.f("ix_brought_forward_pupil_id"), table_name="brought_forward")
    op.drop_table("brought_forward")
    op.drop_table("accounts")
    op.drop_index(op.f("ix_pupils_classroom_id"), table_name="pupils")
    op.drop_table("pupils")
    op.drop_table("staff")
    op.drop_table("settings")
    op.drop_table("school_days")
    op.drop_table("reasons")
    op.drop_table("ended_sessions")
    op.drop_table("classrooms")
    op.drop_index(op.f("ix_audit_at"), table_name="audit")
    op.drop_table("audit")
    op.drop_index(op.f("ix_answered_at"), table_name="answered")
    op.drop_table("answered")
    if op.get_bind().dialect.name != "sqlite":
        op.execute(sa.text("DROP FUNCTION never_changed"))
