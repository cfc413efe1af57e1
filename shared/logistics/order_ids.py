"""The id that follows from an order's name, the same for every spelling of it that looks the same."""

from unicodedata import normalize
from uuid import UUID, uuid5

from shared.logistics.characters import id_form


def derived_order_id(workspace: UUID, name: str) -> UUID:
    """Return the id of the order of this name or external id, as `read_field` gives it.

    One sheet from Windows, a Mac or a second export gives the same ids: of a name in NFC and NFD, of 1003 and 1003.0.
    """
    return uuid5(workspace, id_form(name))


def known_order_ids(workspace: UUID, name: str, written: str) -> tuple[UUID, ...]:
    """Return every id that the order may have, the first that the workspace has an order of being its own.

    Before, an id was derived from the name as it was written: an order that was imported from this very text keeps
    its id, for ever. Then comes `derived_order_id`, and after it what a sheet of another program gave. Where the
    workspace has none of them, the order is new and its id the derived one. `written` is the name's cell, untouched.
    """
    form = id_form(name)
    spellings = [written.strip(), form, name, normalize("NFD", name), normalize("NFD", form)]
    if form.isascii() and form.isdigit():
        # Of digits alone: `A.0` is an order of its own beside `A`.
        spellings += [f"{form}.0", f"{form},0"]
    return tuple(uuid5(workspace, spelling) for spelling in dict.fromkeys(spellings))
