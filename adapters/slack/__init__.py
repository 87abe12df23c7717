"""Slack: commands, forms, buttons and messages."""
