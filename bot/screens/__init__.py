"""Facts in, a Card or a Form out, in one language. Nothing here reads a database or decides anything."""
