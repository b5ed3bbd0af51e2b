"""What search knows of public messages."""

import sqlalchemy as sa

from niktokromenas.adapters.sql.metadata import metadata
from niktokromenas.adapters.sql.types import Id, Place, StemText

search_docs = sa.Table(
    "search_docs",
    metadata,
    sa.Column("place", Place, primary_key=True, autoincrement=False),
    sa.Column("message_id", Id, sa.ForeignKey("messages.id"), nullable=False, unique=True),
    sa.Column("stems", StemText, nullable=False),
    sa.Column("fingerprint", sa.String(32), nullable=False),
)
"""Public messages as search has them. On SQLite `search_stems` (FTS5) and triggers that keep it in step stand
beside it, on PostgreSQL the GIN index `search_stems`: made by the migration in each database's own words."""

search_typos = sa.Table(
    "search_typos",
    metadata,
    sa.Column("typo", sa.String(48), primary_key=True),
    sa.Column("stem", sa.String(48), primary_key=True),
    sqlite_with_rowid=False,
)
"""Every stem ever found in a public message, under itself and under what is left of it without a letter."""
