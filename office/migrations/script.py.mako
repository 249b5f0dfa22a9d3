"""${message}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from office.columns import UtcInstant

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    """One step forward."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """The same step back."""
    ${downgrades if downgrades else "pass"}
