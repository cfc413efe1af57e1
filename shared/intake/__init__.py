"""Files of orders: bytes in, orders or refusals by line, column and name out; no disk and no database.

Each name is imported when it is first asked for; the stub beside this file lists them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
