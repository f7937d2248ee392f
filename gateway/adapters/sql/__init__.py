"""The journal on PostgreSQL, embedded or a server.

Only `wiring` comes in, for what is listed below. It touches no other adapter.
"""

from gateway.adapters.sql.catalogues import SqlCatalogues
from gateway.adapters.sql.embedded import EmbeddedPostgres
from gateway.adapters.sql.inbox import SqlInbox
from gateway.adapters.sql.journal import SqlJournal
from gateway.adapters.sql.plans import SqlPlans
from gateway.adapters.sql.register import SqlRegister
from gateway.adapters.sql.standing import SqlOutlook

__all__ = ["EmbeddedPostgres", "SqlCatalogues", "SqlInbox", "SqlJournal", "SqlOutlook", "SqlPlans", "SqlRegister"]
