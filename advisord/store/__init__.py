"""One schema on SQLite or PostgreSQL."""
