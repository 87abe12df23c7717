"""The domain: pure, without input or output, clock, platform names or tables."""
