"""The ways to people: each adapter receives, renders and sends."""
