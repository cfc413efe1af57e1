"""`make chaos`: the local stack under load, while everything that it stands on fails; checked at the end."""
