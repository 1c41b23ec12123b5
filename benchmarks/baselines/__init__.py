"""What each step is measured against: the least that could be done, and what others would write."""
