"""Notices, asked of the notify service."""
