"""The only reader of environment and `.env`. Everything else gets plain values."""
