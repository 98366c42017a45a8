"""Groups, merging and the spread of similarities in /v1."""
