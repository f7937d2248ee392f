"""The journal on PostgreSQL, embedded or a server.

Only `wiring` comes in, for `SqlJournal`, `SqlCatalogues`, `SqlInbox`, `EmbeddedPostgres`. It touches no other adapter.
"""

from gateway.adapters.sql.catalogues import SqlCatalogues
from gateway.adapters.sql.embedded import EmbeddedPostgres
from gateway.adapters.sql.inbox import SqlInbox
from gateway.adapters.sql.journal import SqlJournal

__all__ = ["EmbeddedPostgres", "SqlCatalogues", "SqlInbox", "SqlJournal"]
