"""What the journal is searched by."""

import sqlalchemy as sa
from alembic import op

from niktokromenas.adapters.sql.types import Id, Place, StemText

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.create_index("messages_municipality", ["municipality", "submitted_at", "id"], unique=False)
        batch_op.create_index("messages_place", ["lat", "lon"], unique=False)

    op.create_table(
        "search_docs",
        sa.Column("place", Place, autoincrement=False, nullable=False),
        sa.Column("message_id", Id(), nullable=False),
        sa.Column("stems", StemText(), nullable=False),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("search_docs_message_id_fkey")),
        sa.PrimaryKeyConstraint("place", name=op.f("search_docs_pkey")),
        sa.UniqueConstraint("message_id", name=op.f("search_docs_message_id_key")),
    )
    op.create_table(
        "search_typos",
        sa.Column("typo", sa.String(length=48), nullable=False),
        sa.Column("stem", sa.String(length=48), nullable=False),
        sa.PrimaryKeyConstraint("typo", "stem", name=op.f("search_typos_pkey")),
        sqlite_with_rowid=False,
    )
    own = _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL
    for statement in own:
        op.execute(sa.text(statement))


_SQLITE = (
    # stems come between spaces: the plainest tokeniser parts them there and changes no letter
    "CREATE VIRTUAL TABLE search_stems USING fts5(stems, content='search_docs', content_rowid='place',"
    " columnsize=0, tokenize=\"ascii tokenchars '_'\")",
    "CREATE TRIGGER search_docs_added AFTER INSERT ON search_docs BEGIN"
    " INSERT INTO search_stems (rowid, stems) VALUES (new.place, new.stems); END",
    "CREATE TRIGGER search_docs_removed AFTER DELETE ON search_docs BEGIN"
    " INSERT INTO search_stems (search_stems, rowid, stems) VALUES ('delete', old.place, old.stems); END",
    "CREATE TRIGGER search_docs_changed AFTER UPDATE ON search_docs BEGIN"
    " INSERT INTO search_stems (search_stems, rowid, stems) VALUES ('delete', old.place, old.stems);"
    " INSERT INTO search_stems (rowid, stems) VALUES (new.place, new.stems); END",
)
_POSTGRESQL = (
    # messages become public a few a minute: better each is put in its place than read beside the index
    "CREATE INDEX search_stems ON search_docs USING gin (stems) WITH (fastupdate = off)",
)
