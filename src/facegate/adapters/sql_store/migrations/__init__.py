"""Schema migrations; run by `migrate.py`."""
