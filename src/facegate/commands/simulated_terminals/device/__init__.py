"""One terminal without I/O: what it remembers, says, answers and does wrong."""
