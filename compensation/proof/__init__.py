"""Proving an agreement sound: evidence that could be, what must hold over all of it, and smallest counterexamples."""
