"""Pictures of a summary: each style lays a `Drawing` out, and `svg.py` prints it."""
