"""What facegate can do: one verb per file, importing ports and domain only."""
