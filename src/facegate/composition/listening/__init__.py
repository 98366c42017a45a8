"""Ports, sockets and connections: uvicorn as we want it."""
