"""The doors of face terminals, wired: stores, bus, use cases, rooms, and what runs beside them."""
