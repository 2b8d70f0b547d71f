"""Text generation: `generate`, its configuration, streamers and streams."""
