"""Alembic's migrations; `office.database.migrate` runs them when the office starts."""
