"""What every 随手拍 service shares: contracts, messaging, stores, HTTP, settings, the command line.

Imports no service: the boundaries are checked by import-linter in ``make lint``.
"""

import warnings

__version__ = "0.1.0"

# nameko runs on eventlet, which asks at every import to be replaced (docs/adr/0001).
warnings.filterwarnings("ignore", message=r"(?s).*Eventlet is deprecated")
