"""The `robot-jobs` command: an operator's work through the HTTP API, of the local stack or of a deployed one."""
