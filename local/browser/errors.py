"""What can go wrong with the browser, said in one sentence."""

#: Names a Chrome or Chromium to use.
VARIABLE = "ROBOT_JOBS_BROWSER"
WHAT_TO_DO = f"install Chrome or Chromium, or name one with {VARIABLE}"


class BrowserError(Exception):
    """No browser can be had; the text is one sentence a person can act on."""
