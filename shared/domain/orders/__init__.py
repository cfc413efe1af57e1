"""Orders and the contacts that they are shipped to: read, change, import."""
