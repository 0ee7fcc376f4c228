"""From key bytes to parameters of chaotic maps, and from orbits to keystreams."""
