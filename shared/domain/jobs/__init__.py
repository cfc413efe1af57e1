"""The rules of robot jobs: create, record, end, retry, cancel, read."""
