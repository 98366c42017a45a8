"""Events: who was seen where, over all doors."""
