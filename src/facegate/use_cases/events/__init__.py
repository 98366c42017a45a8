"""The history of who was seen where: written, read, reviewed, watched live, and let go of."""
