"""The steps by which an older store becomes one of today; alembic runs them when a store is opened."""
