"""The door of face terminals: WebSocket and JSON, the terminal is the client."""
