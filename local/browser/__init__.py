"""A browser for the tests of the operator's page: one that the machine has, else one from a package."""
