"""Water quality, exactly: GB 3838-2002 limits and classes, GB/T 8170 rounding, means by a named route."""
