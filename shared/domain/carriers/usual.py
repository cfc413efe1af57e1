"""What holds where a workspace has no configuration; the schema's defaults are the same."""

USUAL_WAVE_SIZE = 25
USUAL_STOP_AFTER_ERRORS = 5
USUAL_GUIDE_LOOKUP_HOURS = 2
