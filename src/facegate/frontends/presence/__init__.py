"""The presence door: a WebSocket on which workstations ask whether their user is still there."""
