"""Jobs: work that the service was asked for."""

import sqlalchemy as sa
from alembic import op

from liandong.schema.sql import UtcTime

revision = "0014"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "service_job",
        sa.Column("job_id", sa.Text(), primary_key=True),
        *(sa.Column(n, sa.Text(), nullable=False) for n in ("kind", "what", "args", "actor")),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("said", sa.Text()),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", UtcTime(), nullable=False),
        *(sa.Column(n, UtcTime()) for n in ("started_at", "ended_at", "beat_at")),
        *(sa.Column(n, sa.Text()) for n in ("cancelled_by", "run", "error_zh", "error_en")),
        sa.Column("change", sa.BigInteger(), nullable=False),
    )
