"""The analytics suite: what metrics and tests against overfitting cost."""
