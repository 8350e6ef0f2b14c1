"""Figures, asked of the stats service."""
