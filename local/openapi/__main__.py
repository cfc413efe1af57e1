"""`make openapi`: write the description into the layer."""

from local.openapi.document import document_text
from shared.http.description import DOCUMENT

DOCUMENT.write_text(document_text(), encoding="utf-8")
