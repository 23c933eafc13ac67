"""Faces: the ways in from outside. A face reads `Gateway.operations` and knows no department."""
