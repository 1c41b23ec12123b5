"""The database: tables, sessions, bulk loading, append-only history. SQLite and PostgreSQL."""
