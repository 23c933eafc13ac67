"""Audit: the files beside the trail that the policies write into the database."""
