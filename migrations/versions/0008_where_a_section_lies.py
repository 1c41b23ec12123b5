"""Sections say which parties they concern and where they lie."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision: str | None = "0007"
branch_labels: str | None = None
depends_on: str | None = None

COLUMNS = ("parties", "position")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("section", sa.Column(name, sa.Text, nullable=True))


def downgrade() -> None:
    for name in reversed(COLUMNS):
        op.drop_column("section", name)
