"""The Lambda functions: a folder each, all on the rooms of `shared`."""

import gc

# A start makes some hundred thousand objects and drops hardly any; to look through all of them for garbage, as often as
# Python does by itself, takes a tenth of it.
gc.set_threshold(50_000, 20, 20)
