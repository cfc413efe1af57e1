"""The peers' side, in an environment of its own: a run for each line of input, its milliseconds as output."""
