"""Alembic's entry: runs the migrations on the connection that `migrate.py` hands over."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    transactional_ddl=True,  # the caller's transaction holds all of it, on SQLite too
)
context.run_migrations()
