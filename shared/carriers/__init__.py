"""The carriers: each is one thing, in a folder of its own, and the rest of the program goes by the interface."""
