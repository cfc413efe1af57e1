"""What can go wrong with the local stack, said in one sentence."""


class StackError(Exception):
    """The local stack cannot do what was asked; the text is one sentence a person can act on."""
