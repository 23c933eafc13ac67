"""The contract: OpenAPI and JSON Schema from the declarations, and what may not change in it."""

from .envelope import Problem, Reply, ReplyMeta, problem_of, title_of
from .errors import ALL_ERRORS, HTTP_ERRORS
from .examples import example_of, name_of
from .frozen import breaking_changes, frozen
from .openapi import document, path_of

__all__ = [
    "ALL_ERRORS",
    "HTTP_ERRORS",
    "Problem",
    "Reply",
    "ReplyMeta",
    "breaking_changes",
    "document",
    "example_of",
    "frozen",
    "name_of",
    "path_of",
    "problem_of",
    "title_of",
]
