"""Workbooks: live formulas with their values cached, the same bytes for the same settlement."""
