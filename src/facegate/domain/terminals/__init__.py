"""Face terminals: what they are, what they report, what can be asked of them. No I/O, no wire format."""
