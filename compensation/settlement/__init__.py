"""From evidence and an agreement to a settlement: obligations, net positions, advances, digest, explanation."""
