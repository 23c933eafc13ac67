"""The faces of a desk, put together: in its own process, or in processes of their own."""

from .front import Front, front_of, serve_faces

__all__ = ["Front", "front_of", "serve_faces"]
