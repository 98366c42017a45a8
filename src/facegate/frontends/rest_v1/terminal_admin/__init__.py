"""The parts of /v1 for face terminals; `terminal_routes.py` beside this folder joins them."""
