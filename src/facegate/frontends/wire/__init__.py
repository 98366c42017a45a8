"""The floor that all doors stand on: workers, limits, access, errors at the edge. No door's own words."""
