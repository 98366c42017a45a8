"""The old command door of terminals: `POST /admin/push`."""
