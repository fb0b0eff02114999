"""What was read, decided and sent, in one schema on SQLite or PostgreSQL; the only room that knows SQL."""
