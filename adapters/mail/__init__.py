"""Mail: the second wire of an alarm, and the way to whoever has no chat (users.md U7, U8)."""
