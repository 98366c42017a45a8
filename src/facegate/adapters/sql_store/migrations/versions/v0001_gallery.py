"""The gallery: subjects, templates, cutouts, tokens, reports and the change log."""

import secrets

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

_TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "subjects",
        sa.Column("subject_id", _TEXT, primary_key=True),
        sa.Column("display_name", sa.Text, nullable=False),
        sa.Column("search_text", sa.Text, nullable=False),
        sa.Column("created_at_us", sa.BigInteger, nullable=False),
        sa.Column("updated_at_us", sa.BigInteger, nullable=False),
        sa.Column("enrolment_number", sa.BigInteger, unique=True),
    )
    op.create_table(
        "cutouts",
        sa.Column("cutout_id", _TEXT, primary_key=True),
        sa.Column(
            "subject_id", _TEXT, sa.ForeignKey("subjects.subject_id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("encoded_image", sa.LargeBinary, nullable=False),
        sa.Column("landmarks", sa.LargeBinary, nullable=False),
    )
    op.create_index("cutouts_by_subject", "cutouts", ["subject_id"])
    op.create_table(
        "templates",
        sa.Column("template_id", _TEXT, primary_key=True),
        sa.Column(
            "subject_id", _TEXT, sa.ForeignKey("subjects.subject_id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("model_id", _TEXT, nullable=False),
        sa.Column("dimension", sa.Integer, nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("quality", sa.Double),
        sa.Column("created_at_us", sa.BigInteger, nullable=False),
        sa.Column("added_change", sa.BigInteger, nullable=False),
        sa.Column("cutout_id", _TEXT, sa.ForeignKey("cutouts.cutout_id", ondelete="SET NULL")),
    )
    op.create_index("templates_by_subject", "templates", ["subject_id"])
    op.create_index("templates_by_model", "templates", ["model_id"])
    op.create_index("templates_by_cutout", "templates", ["cutout_id"])
    _create_small_tables()


def _create_small_tables() -> None:
    state = op.create_table(
        "gallery_state",
        sa.Column("only_row", sa.Integer, sa.CheckConstraint("only_row = 1"), primary_key=True),
        sa.Column("change_number", sa.BigInteger, nullable=False),
    )
    # Begins at a random place, so that an index file of another gallery never seems up to date.
    op.bulk_insert(state, [{"only_row": 1, "change_number": secrets.randbits(31) << 20}])
    op.create_table(
        "template_changes",
        sa.Column("change_number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("operation", sa.Text, nullable=False),
        sa.Column("template_id", _TEXT, nullable=False),
    )
    op.create_table(
        "reports",
        sa.Column("kind", _TEXT, primary_key=True),
        sa.Column("report_json", sa.Text, nullable=False),
        sa.Column("saved_at_us", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "tokens",
        sa.Column("token_id", _TEXT, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("token_hash", sa.Text, nullable=False),
        sa.Column("doors", sa.Text, nullable=False),
        sa.Column("created_at_us", sa.BigInteger, nullable=False),
        sa.Column("expires_at_us", sa.BigInteger),
    )


def downgrade() -> None:
    for table in (
        "tokens",
        "reports",
        "template_changes",
        "gallery_state",
        "templates",
        "cutouts",
        "subjects",
    ):
        op.drop_table(table)
