"""The domain's public face: every function is called as `function(ctx, params)` and returns a `DomainResult`.

The names are listed in the stub beside this file, each with its module; it is imported when it is first asked for, so
that a function loads what it uses.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
