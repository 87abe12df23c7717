"""Heartbeats and what one pass of each does."""
