"""What every 随手拍 service shares: contracts, messaging, stores, HTTP, settings, the command line.

Imports no service: the boundaries are checked by import-linter in ``make lint``.
"""
