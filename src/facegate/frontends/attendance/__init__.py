"""The attendance door: JSON in, JSON out, as Vue attendance front ends speak it."""
