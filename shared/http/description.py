"""The OpenAPI document of all functions' routes."""

import json
from functools import cache
from pathlib import Path
from typing import Any

#: Written by `make openapi` from the code of all functions: a function holds only its own routes.
DOCUMENT = Path(__file__).with_name("openapi.json")


@cache
def api_description() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document."""
    document: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    return document
