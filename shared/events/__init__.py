"""The events of the bus: one model a detail type, and the registry of them all.

The names are listed in the stub beside this file; each module is imported when it is first asked for: a model takes
longer to make than most functions to load.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
