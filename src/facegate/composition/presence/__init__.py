"""The presence door, wired: its use cases, its rooms, and what runs beside them."""
