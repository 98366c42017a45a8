"""Pictures in and out through Pillow and its HEIF plugin."""
