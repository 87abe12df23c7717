"""The way in: settings, wiring and the command line."""
