"""From settlement to money paid, pure: life cycle, double entry, payment orders, and the chain that holds them."""
