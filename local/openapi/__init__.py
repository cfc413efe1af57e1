"""The API's description, made from the code of all functions."""
