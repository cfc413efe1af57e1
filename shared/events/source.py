"""Who the events are from; apart from the models, so that publishing them needs no pydantic."""

SOURCE = "robot-jobs"
