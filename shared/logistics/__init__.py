"""What Colombian logistics know by themselves: texts from outside, places, people, and the carrier's form.

Texts of files, programs and people are read here and nowhere else: what is understood without doubt, or an
`Unreadable` that says what to do about it. Each name is imported when it is first asked for;
the stub beside this file lists them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
