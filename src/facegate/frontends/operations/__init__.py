"""The door for orchestrators and operators: alive, ready, metrics, the description of the API."""
