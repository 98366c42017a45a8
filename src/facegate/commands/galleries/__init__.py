"""Which gallery a command works on, and the way to it: in this process or behind a server."""
