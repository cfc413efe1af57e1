"""The operator's page: a file of orders, from its preview to its import."""

import re
from pathlib import Path

import pytest
from psycopg import Connection

from functions.operator_page import order_file
from shared.domain import (
    ChooseUploadParams,
    DomainContext,
    KeepUploadParams,
    ListOrdersParams,
    choose_upload,
    get_last_mapping,
    get_upload,
    keep_upload,
    list_orders,
)
from shared.domain.ids import uuid7
from shared.domain.jobs import preview_import
from shared.domain.uploads import MAX_UPLOAD_BYTES
from shared.intake.columns import COLUMNS
from tests.factories import data_of, failure_of, make_carrier_config, make_orders
from tests.functional.page_browser import Browser
from tests.functional.shop import Shop

SAMPLE = (Path(__file__).parents[2] / "local" / "samples" / "orders.csv").read_bytes()
HEADER = "name,recipient,phone,address,city,department,total_value,prepaid\n"
ROW = "A-{0},Ana Ruiz,3001234567,Calle 1 # {0},Bogotá,Cundinamarca,89900,no\n"


def names_of(ctx: DomainContext) -> list[str | None]:
    return [order.name for order in data_of(list_orders(ctx, ListOrdersParams(limit=500))).orders]


def test_a_file_is_seen_before_anything_is_written_and_imported_once(browser: Browser, ctx: DomainContext) -> None:
    preview = browser.upload("/app/upload", "pedidos.csv", SAMPLE)
    assert "25 pedidos nuevos" in preview.plain
    assert names_of(ctx) == []
    path = preview.path.partition("?")[0]
    for _ in range(2):
        done = browser.post(f"{path}/import", {"step": "0"})
        assert "El archivo se importó" in done.plain
    assert len(names_of(ctx)) == 25
    assert "25 pedidos sin cambios" in browser.get(path).plain


def test_every_column_of_a_file_reaches_its_order(browser: Browser, ctx: DomainContext) -> None:
    """Naive: a column that the page has no field for is dropped without a word."""
    row = {
        "external_id": "S-1",
        "name": "A-1",
        "recipient": "Ana Ruiz",
        "identification": "1020304050",
        "phone": "3001234567",
        "email": "ana@example.com",
        "address": "Calle 1 # 2",
        "city": "Cali",
        "department": "Valle del Cauca",
        "total_value": "89900",
        "prepaid": "no",
        "units": "2",
        "carrier": "coordinadora",
    }
    assert {*row, "id"} == {column.name for column in COLUMNS}
    file = f"{','.join(row)}\n{','.join(row.values())}\n".encode()
    browser.post(f"{browser.upload('/app/upload', 'pedidos.csv', file).path}/import", {"step": "0"})
    [order] = data_of(list_orders(ctx, ListOrdersParams())).orders
    contact = order.contact
    assert contact is not None
    assert row == {
        "external_id": order.external_id,
        "name": order.name,
        "recipient": contact.name,
        "identification": contact.identification,
        "phone": contact.phone,
        "email": contact.email,
        "address": order.shipping_address,
        "city": order.shipping_city,
        "department": order.shipping_department,
        "total_value": str(order.total_value).removesuffix(".00"),
        "prepaid": "yes" if order.prepaid else "no",
        "units": str(order.units),
        "carrier": order.carrier,
    }


def test_a_long_file_goes_in_steps_each_of_which_can_be_repeated(
    browser: Browser, ctx: DomainContext, owner: Connection
) -> None:
    rows = "".join(ROW.format(number) for number in range(1_001))
    path = browser.upload("/app/upload", "pedidos.csv", (HEADER + rows).encode()).path
    first = browser.post(f"{path}/import", {"step": "0"})
    assert "1.000 de 1.001 filas" in first.plain
    # What is no step of the page's own begins anew: naive, five thousand digits are an error of the server.
    for step in ("0", "9" * 5_000, "\N{ARABIC-INDIC DIGIT ONE}"):
        assert "1.000 de 1.001 filas" in browser.post(f"{path}/import", {"step": step}).plain
    last = browser.post(f"{path}/import", {"step": first.hidden("step")})
    assert "El archivo se importó" in last.plain
    [(count,)] = owner.execute("SELECT count(*) FROM orders WHERE workspace_id = %s", [ctx.workspace_id]).fetchall()
    assert count == 1_001


def test_what_is_wrong_is_told_by_line_in_the_visitor_s_language_and_nothing_is_written(
    browser: Browser, ctx: DomainContext
) -> None:
    """H56: naive: 0.125 is read as some amount of pesos."""
    bad = HEADER + ROW.format(1) + "=A-2,Ana,3001234567,Calle 2,Bogotá,Cundinamarca,0.125,no\n"
    preview = browser.upload("/app/upload", "pedidos.csv", bad.encode())
    assert "No se entiende el valor en pesos" in preview.plain
    assert "Importar" not in preview.plain.replace("Importando", "")
    file = browser.get(f"{preview.path}/bad")
    assert "3,total_value,'=A-2,0.125," in file.text
    assert "0.125" in preview.plain
    browser.post(f"{preview.path}/import", {"step": "0"})
    assert names_of(ctx) == []


def test_an_order_twice_names_the_other_line(browser: Browser) -> None:
    preview = browser.upload("/app/upload", "pedidos.csv", (HEADER + ROW.format(1) * 2).encode())
    assert "El otro está en la línea 2." in preview.plain


def test_a_phone_of_nobody_is_told_by_its_line(browser: Browser) -> None:
    """Naive: an error of the server, for as long as the file is kept."""
    bad = HEADER + ROW.format(1) + "A-2,,3001234567,Calle 2,Bogotá,Cundinamarca,1000,no\n"
    preview = browser.upload("/app/upload", "pedidos.csv", bad.encode())
    assert preview.status == 200
    assert "Falta el destinatario." in preview.plain
    assert "3,recipient,A-2" in browser.get(f"{preview.path}/bad").text


def test_a_column_that_is_not_known_is_said(browser: Browser) -> None:
    text = (HEADER + ROW.format(1)).replace("address", "Dir. cliente")
    preview = browser.upload("/app/upload", "pedidos.csv", text.encode())
    assert "Esta columna no se reconoce" in preview.plain
    fields = {"heading": ["Dir. cliente"], "column": ["address"]}
    assert "1 pedido nuevo" in browser.post(f"{preview.path}/columns", fields).plain
    # What is no column of ours is not said.
    unsaid = browser.post(f"{preview.path}/columns", {"heading": ["Dir. cliente"], "column": ["price"]})
    assert (unsaid.status, "Esta columna no se reconoce" in unsaid.plain) == (200, True)


def test_what_looks_like_a_shipped_order_is_left_out_unless_it_is_ticked(browser: Browser, shop: Shop) -> None:
    """Naive: an order that was entered twice is shipped twice."""
    shop.made("T-1", shop.order(name="A-1"))
    shop.owner.execute("UPDATE orders SET external_id = 'other' WHERE workspace_id = %s", [shop.ctx.workspace_id])
    text = HEADER + ROW.format(1) + ROW.format(2)
    preview = browser.upload("/app/upload", "pedidos.csv", text.encode())
    assert "Se parece a otro pedido con el mismo nombre" in preview.plain
    # By the name that a person knows it by, and a button that counts no row which is left out.
    assert "Pedido A-1 (T-1)" in preview.plain
    assert "Importar 1 pedido y los marcados" in preview.plain
    browser.post(f"{preview.path}/import", {"step": "0"})
    assert sorted(map(str, names_of(shop.ctx))) == ["A-1", "A-2"]
    alike = preview.text.partition('name="alike" value="')[2][:36]
    browser.post(f"{preview.path}/import", {"step": "0", "alike": alike})
    assert sorted(map(str, names_of(shop.ctx))) == ["A-1", "A-1", "A-2"]


def test_what_is_ticked_counts_in_every_step_of_a_long_file(
    browser: Browser, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: only in the first one, which was sent with the ticks; an order of the second is left out unseen."""
    monkeypatch.setattr(order_file, "MAX_IMPORT", 1)
    for number in (1, 2):
        shop.made(f"T-{number}", shop.order(name=f"A-{number}", external_id=f"other-{number}"))
    preview = browser.upload("/app/upload", "pedidos.csv", (HEADER + ROW.format(1) + ROW.format(2)).encode())
    _first, second = re.findall(r'name="alike" value="([^"]+)"', preview.text)
    step = browser.post(f"{preview.path}/import", {"step": "0", "alike": second})
    done = browser.post(f"{preview.path}/import", {"step": step.hidden("step"), "left_out": step.hidden("left_out")})
    assert "1 fila quedó por fuera" in done.plain
    assert sorted(map(str, names_of(shop.ctx))) == ["A-1", "A-2", "A-2"]


def test_a_file_is_kept_for_a_day_and_for_its_workspace_alone(
    browser: Browser, ctx: DomainContext, owner: Connection, page_secret: str
) -> None:
    assert page_secret
    path = browser.upload("/app/upload", "pedidos.csv", SAMPLE).path
    stranger = Browser().sign_in(uuid7())
    for page in (stranger.get(path), stranger.get(f"{path}/bad"), stranger.post(f"{path}/import", {"step": "0"})):
        assert page.status == 404
    owner.execute(
        "UPDATE uploads SET created_at = now() - interval '25 hours' WHERE workspace_id = %s", [ctx.workspace_id]
    )
    assert browser.get(path).status == 404
    browser.upload("/app/upload", "pedidos.csv", SAMPLE)
    [(count,)] = owner.execute("SELECT count(*) FROM uploads WHERE workspace_id = %s", [ctx.workspace_id]).fetchall()
    assert count == 1


@pytest.mark.parametrize("size", [MAX_UPLOAD_BYTES + 1, 4_400_000])
def test_a_file_that_is_too_large_says_how_to_split_it(browser: Browser, size: int) -> None:
    """The second is more than a form may hold, and is not looked at."""
    page = browser.upload("/app/upload", "pedidos.csv", b"x" * size)
    assert page.status == 413
    assert "Divide el archivo" in page.plain


def test_a_file_of_four_megabytes_is_kept_and_one_byte_more_is_refused(ctx: DomainContext) -> None:
    whole = KeepUploadParams("pedidos.csv", b"x" * MAX_UPLOAD_BYTES)
    kept = data_of(get_upload(ctx, data_of(keep_upload(ctx, whole)).upload_id))
    assert (kept.content == whole.content, MAX_UPLOAD_BYTES) == (True, 4 * 1024 * 1024)
    for length in (0, 301):
        nameless = keep_upload(ctx, KeepUploadParams("x" * length, b"x"))
        said = f"name must have 1 to 300 characters; it has {length}."
        assert failure_of(nameless, "INVALID", "invalid_text").error == said
    refused = keep_upload(ctx, KeepUploadParams("pedidos.csv", whole.content + b"x"))
    said = "The file has 4194305 bytes; at most 4194304 are taken. Split it."
    assert failure_of(refused, "INVALID", "upload_too_large").error == said


def test_more_orders_than_a_form_holds_are_shipped_by_their_list(
    browser: Browser, ctx: DomainContext, owner: Connection
) -> None:
    make_carrier_config(owner, ctx.workspace_id)
    orders = make_orders(owner, ctx.workspace_id, 60)
    preview = browser.post("/app/ship/preview", {"which": "all", "show": "to-ship"})
    assert f"Enviar {len(orders)} pedidos ahora" in preview.plain


def test_a_file_says_what_of_it_can_be_shipped_before_anything_is_written(browser: Browser, ctx: DomainContext) -> None:
    """Naive: after the import, one page later."""
    lacking = "A-2,Ana,601 234 5678,,Puerto Quimera,Valle del Cauca,1000,no\n"
    preview = browser.upload("/app/upload", "pedidos.csv", (HEADER + ROW.format(1) + lacking).encode())
    assert "1 pedido se puede enviar tal como está" in preview.plain
    assert "1 pedido hay que corregirlo" in preview.plain
    for reason in ("No tiene dirección", "La transportadora no llega", "El teléfono no es un celular"):
        assert reason in preview.plain
    assert names_of(ctx) == []


def test_of_a_long_file_the_preview_shows_the_first_rows_and_counts_all(browser: Browser) -> None:
    """Naive: ten thousand rows three times over, which is more than a Lambda may answer."""
    text = HEADER + "".join(ROW.format(number) for number in range(51))
    browser.post(f"{browser.upload('/app/upload', 'pedidos.csv', text.encode()).path}/import", {"step": "0"})
    preview = browser.upload("/app/upload", "pedidos.csv", text.replace("Bogotá", "Puerto Quimera").encode())
    changes, refused, rows = re.findall(r"(?s)<ul>.*?</ul>|<tbody>.*?</tbody>", preview.text.partition("<main")[2])
    assert (changes.count("<li>"), refused.count("<tr>"), rows.count("<tr>")) == (50, 50, 20)
    assert "Lo que la importación cambia en 51 pedidos que ya están aquí" in preview.plain
    assert "51 pedidos hay que corregirlos" in preview.plain
    assert preview.plain.count("Se muestran los primeros 50") == 2


def test_what_was_imported_is_counted_and_shipped_by_one_button(
    browser: Browser, ctx: DomainContext, owner: Connection
) -> None:
    """Naive: somebody looks for them among all orders; or what stood there before is shipped with them."""
    make_carrier_config(owner, ctx.workspace_id)
    make_orders(owner, ctx.workspace_id, 3)
    text = HEADER + ROW.format(1) + ROW.format(2)
    path = browser.upload("/app/upload", "pedidos.csv", text.encode()).path
    done = browser.post(f"{path}/import", {"step": "0"})
    assert "2 pedidos nuevos" in done.plain
    assert "Enviar los 2 pedidos de este archivo" in done.plain
    preview = browser.post("/app/ship/preview", {"upload": done.hidden("upload")})
    assert len(preview.hidden("going").split()) == 2
    browser.post("/app/ship", {"key": "k", "going": preview.hidden("going")})
    changed = text.replace("Ana Ruiz", "Ana Ruiz Díaz", 1) + ROW.format(3)
    path = browser.upload("/app/upload", "pedidos.csv", changed.encode()).path
    done = browser.post(f"{path}/import", {"step": "0"})
    assert "1 pedido nuevo 1 pedido cambia 1 pedido sin cambios" in done.plain
    assert "Enviar el pedido de este archivo" in done.plain


def test_steps_are_counted_together(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order_file, "MAX_IMPORT", 2)
    rows = "".join(ROW.format(number) for number in range(5))
    path = browser.upload("/app/upload", "pedidos.csv", (HEADER + rows).encode()).path
    names = ("step", "new", "changed", "unchanged", "left_out")
    fields = {"step": "0"}
    for so_far in (2, 4):
        step = browser.post(f"{path}/import", fields)
        assert f"{so_far} de 5 filas" in step.plain
        fields = {name: step.hidden(name) for name in names}
    assert "5 pedidos nuevos" in browser.post(f"{path}/import", fields).plain
    # Behind the last there is none: what was counted is told, and nothing more is written.
    assert "5 pedidos nuevos" in browser.post(f"{path}/import", {**fields, "step": "3", "new": "5"}).plain
    # A file has 10,000 rows at most.
    counted = [browser.get(f"{path}/imported?new={count}").plain for count in ("10000", "100000", "-1", "x")]
    assert [re.findall(r"([\d.]+) pedidos nuevos", each) for each in counted] == [["10.000"], ["0"], ["0"], ["0"]]


def test_an_import_that_stops_says_how_much_was_written_before(
    browser: Browser, ctx: DomainContext, owner: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: “nothing was written”, of a file of which a half was."""
    monkeypatch.setattr(order_file, "MAX_IMPORT", 2)
    header = "id,external_id," + HEADER
    rows = "".join(f"{uuid7()},Z-{number}," + ROW.format(number) for number in range(3))
    path = browser.upload("/app/upload", "pedidos.csv", (header + rows).encode()).path
    first = browser.post(f"{path}/import", {"step": "0"})
    # Meanwhile another order gets the number of the last one.
    [holder] = make_orders(owner, ctx.workspace_id, 1)
    owner.execute("UPDATE orders SET external_id = 'Z-2' WHERE id = %s", [holder])
    fields = {name: first.hidden(name) for name in ("step", "new", "changed", "unchanged", "left_out")}
    stopped = browser.post(f"{path}/import", fields)
    assert (stopped.status, "Antes se guardaron 2 filas; se pueden importar otra vez." in stopped.plain) == (422, True)
    assert sorted(map(str, names_of(ctx))) == ["A-0", "A-1", "Pedido"]


def test_what_was_left_out_is_told_and_not_shipped(browser: Browser, shop: Shop) -> None:
    shop.made("T-1", shop.order(name="A-1"))
    shop.owner.execute("UPDATE orders SET external_id = 'other' WHERE workspace_id = %s", [shop.ctx.workspace_id])
    path = browser.upload("/app/upload", "pedidos.csv", (HEADER + ROW.format(1) + ROW.format(2)).encode()).path
    done = browser.post(f"{path}/import", {"step": "0"})
    assert "1 fila quedó por fuera" in done.plain
    assert "1 pedido nuevo" in done.plain
    assert len(browser.post("/app/ship/preview", {"upload": done.hidden("upload")}).hidden("going").split()) == 1


def test_where_all_was_left_out_nobody_is_told_that_it_was_shipped(browser: Browser, shop: Shop) -> None:
    """Naive: nothing waits, so it must have been shipped; a person goes home with orders that nobody sends."""
    shop.made("T-1", shop.order(name="A-1"))
    shop.owner.execute("UPDATE orders SET external_id = 'other' WHERE workspace_id = %s", [shop.ctx.workspace_id])
    preview = browser.upload("/app/upload", "pedidos.csv", (HEADER + ROW.format(1)).encode())
    assert "Importar los marcados" in preview.plain
    done = browser.post(f"{preview.path}/import", {"step": "0"})
    assert "Lo que quedó por fuera no se importó ni se envía" in done.plain
    assert "ya se enviaron" not in done.plain


def test_what_the_columns_are_is_remembered_for_the_corrected_file(browser: Browser) -> None:
    """Naive: who passes over a column does so once more with each correction."""
    header = HEADER.replace("name,", "Color,Ref. tienda,", 1)
    row = "rojo," + ROW.format(1).replace("89900", "0.125")
    first = browser.upload("/app/upload", "pedidos.csv", (header + row).encode())
    # Both rounds in one: the columns, and what is wrong in those that are known.
    assert first.plain.count("Esta columna no se reconoce") == 2
    assert "No se entiende el valor en pesos" in first.plain
    assert "Ref. tienda" in first.plain
    browser.post(f"{first.path}/columns", {"heading": ["Color", "Ref. tienda"], "column": ["-", "name"]})
    again = browser.upload("/app/upload", "pedidos.csv", (header + row.replace("0.125", "1000")).encode())
    assert "1 pedido nuevo" in again.plain
    other = browser.upload("/app/upload", "pedidos.csv", (HEADER + ROW.format(1)).encode())
    assert "1 pedido nuevo" in other.plain


def test_of_all_that_was_said_of_columns_the_last_is_remembered(ctx: DomainContext) -> None:
    """Naive: the first, so that who has put a mistake right makes it again with the next file."""
    for said in ({"Ref. tienda": "external_id"}, {"Ref. tienda": "name"}, {}):
        data_of(keep_upload(ctx, KeepUploadParams("pedidos.csv", b"Ref. tienda", said)))
    assert data_of(get_last_mapping(ctx)).mapping == {"Ref. tienda": "name"}


def test_what_is_said_of_a_file_is_said_of_that_one_for_a_day(ctx: DomainContext, owner: Connection) -> None:
    """Naive: what somebody confirmed in one file is imported from the next one unasked."""
    first, second = (data_of(keep_upload(ctx, KeepUploadParams(name, b"x"))).upload_id for name in ("a.csv", "b.csv"))
    said = ChooseUploadParams(first, {"Ref. tienda": "name"}, [uuid7()])
    assert data_of(choose_upload(ctx, said)).upload_id == first
    uploads = [data_of(get_upload(ctx, each)) for each in (first, second)]
    assert [(each.name, each.mapping, each.confirmed) for each in uploads] == [
        ("a.csv", said.mapping, said.confirmed),
        ("b.csv", {}, []),
    ]
    age = "UPDATE uploads SET created_at = now() - %s * interval '1 minute' WHERE workspace_id = %s"
    owner.execute(age, [24 * 60 - 1, ctx.workspace_id])
    data_of(keep_upload(ctx, KeepUploadParams("c" * 300, b"x")))
    assert data_of(get_upload(ctx, first)) == uploads[0]
    assert data_of(get_last_mapping(ctx)).mapping == said.mapping
    assert data_of(choose_upload(ctx, said)).upload_id == first
    owner.execute(age, [24 * 60 + 1, ctx.workspace_id])
    failure_of(choose_upload(ctx, said), "NOT_FOUND", "upload_not_found")
    failure_of(get_upload(ctx, first), "NOT_FOUND", "upload_not_found")
    assert data_of(get_last_mapping(ctx)).mapping == {}
    for name, wrong in (
        ("upload_id", get_upload(ctx, "x")),  # type: ignore[arg-type] # callers hand in anything
        ("upload_id", choose_upload(ctx, ChooseUploadParams("x", {}))),  # type: ignore[arg-type] # the same
        ("confirmed", choose_upload(ctx, ChooseUploadParams(first, {}, ["x"]))),  # type: ignore[list-item] # the same
    ):
        assert failure_of(wrong, "INVALID", "invalid_id").error == f"{name} must be a UUID, not str."
    assert data_of(get_last_mapping(ctx)).mapping == {}


def test_a_refusal_names_the_heading_as_the_file_has_it(browser: Browser) -> None:
    """Naive: `column K`, or the program's own word."""
    header = HEADER.replace("total_value", "Valor total").replace("\n", ",\n")
    row = "A-1,Ana,3001234567,Calle 1,Bogotá,Cundinamarca,0.125,no,algo\n"
    preview = browser.upload("/app/upload", "pedidos.csv", (header + row).encode())
    assert "Valor total" in preview.text.partition("<tbody>")[2].partition("</tbody>")[0]
    assert "(columna I, sin título)" in preview.plain
    assert "2,Valor total,A-1" in browser.get(f"{preview.path}/bad").text


def test_an_order_of_another_number_is_named_with_a_link(
    browser: Browser, ctx: DomainContext, owner: Connection
) -> None:
    """Naive: `A-1 (order 0198…)`."""
    [holder] = make_orders(owner, ctx.workspace_id, 1)
    owner.execute("UPDATE orders SET external_id = 'Z-1' WHERE id = %s", [holder])
    text = f"id,external_id,recipient,phone,total_value\n{uuid7()},Z-1,Ana,3001234567,100\n"
    refused = browser.upload("/app/upload", "pedidos.csv", text.encode())
    assert refused.status == 422
    assert "Z-1" in refused.plain
    assert f'href="/app/orders/{holder}"' in refused.text
    assert str(holder) not in refused.plain


def test_a_file_says_which_orders_it_changes_and_the_order_s_story_tells_that_it_did(
    browser: Browser, shop: Shop
) -> None:
    """Naive: a correction is written over without a word, also of an order that was shipped."""
    text = (HEADER + ROW.format(1) + ROW.format(2)).encode()
    browser.post(f"{browser.upload('/app/upload', 'pedidos.csv', text).path}/import", {"step": "0"})
    [(order,)] = shop.owner.execute(
        "UPDATE orders SET shipping_city = 'Cali', tracking_number = 'T-1', number_by_hand = true, prepaid = true,"
        " total_value = 1000.5"
        " WHERE name = 'A-1' AND workspace_id = %s RETURNING id",
        [shop.ctx.workspace_id],
    ).fetchall()
    preview = browser.upload("/app/upload", "pedidos.csv", text)
    assert "Lo que la importación cambia en 1 pedido que ya está aquí" in preview.plain
    assert "1 pedido ya se envió o está en un lote." in preview.plain
    changes = preview.plain.partition("A-1 : ")[2].partition(" Ya se envió con el número T-1.")[0]
    assert set(changes.split(" ; ")) == {
        "la ciudad: Cali → Bogotá",
        "el valor: $ 1.000,5 → $ 89.900",
        "el pago: ya pagado → pago contra entrega",
    }
    browser.post(f"{preview.path}/import", {"step": "0"})
    assert re.search(r"Cambió un pedido: [^·]*la ciudad", browser.get(f"/app/orders/{order}").plain)
    # Automations are told at once, and not when the relay comes by.
    told = "SELECT count(*), count(published_at) FROM outbox WHERE workspace_id = %s"
    assert shop.owner.execute(told, [shop.ctx.workspace_id]).fetchall() == [(3, 3)]


def test_an_amount_that_has_lost_its_thousands_is_remarked_on(browser: Browser, ctx: DomainContext) -> None:
    preview = browser.upload("/app/upload", "pedidos.csv", (HEADER + ROW.format(1).replace("89900", "89.9")).encode())
    why = "89.9 El valor por recaudar es menos de $ 1.000 o tiene centavos. Si eran miles, corrígelo."
    assert why in preview.plain
    rows = "".join(ROW.format(number).replace("89900", "89.9") for number in range(21))
    many = browser.upload("/app/upload", "pedidos.csv", (HEADER + rows).encode())
    assert many.plain.count(why) == 20
    assert "21 filas tienen una observación; estas son las primeras." in many.plain
    assert names_of(ctx) == []


def test_an_empty_file_is_called_empty(browser: Browser) -> None:
    assert "El archivo está vacío" in browser.upload("/app/upload", "pedidos.csv", b"").plain
    unchosen = browser.upload("/app/upload", "", b"")
    assert (unchosen.status, "Primero elige un archivo." in unchosen.plain) == (422, True)


@pytest.mark.parametrize(
    ("name", "shown"), [("a\tb\u202ec.csv", "abc.csv"), ("a" * 297 + ".csv", "a" * 296 + ".csv"), ("\u200b", "pedidos")]
)
def test_a_file_is_shown_by_what_can_be_seen_of_its_name(browser: Browser, name: str, shown: str) -> None:
    """Naive: a name that turns its own letters around; or a refusal because of a long one."""
    preview = browser.upload("/app/upload", name, SAMPLE)
    assert (preview.status, f"<p><bdi>{shown}</bdi></p>" in preview.text) == (200, True)


def test_a_file_as_large_as_one_may_be_is_taken(browser: Browser) -> None:
    """Naive: the form around it counts, too."""
    kept = browser.send_file("/app/upload", "pedidos.csv", b"x" * MAX_UPLOAD_BYTES)
    assert (kept.status, kept.headers["location"].startswith("/app/uploads/")) == (303, True)


def test_a_heading_that_can_mean_two_things_shows_which_it_was_taken_for(browser: Browser) -> None:
    """Naive: “(not said)” beside a column that is read as the recipient."""
    text = (HEADER + ROW.format(1)).replace("name,recipient", "Pedido,Nombre")
    preview = browser.upload("/app/upload", "pedidos.csv", text.encode())
    nombre = preview.text.partition("<bdi>Nombre</bdi>")[2].partition("</select>")[0]
    assert '<option value="recipient" selected>' in nombre


def test_a_city_that_is_spelt_wrongly_is_told_with_what_may_be_meant(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: after the import, in the preview of shipping; or all cities of a bad file are compared with all others."""
    monkeypatch.setattr(preview_import, "_MOST_SUGGESTED", 1)
    text = (HEADER + ROW.format(1)).replace("Bogotá,Cundinamarca", "Medelin,Antioquia")
    text += ROW.format(2).replace("Bogotá,Cundinamarca", "Envigdo,Antioquia")
    preview = browser.upload("/app/upload", "pedidos.csv", text.encode())
    assert ("Quizá: MEDELLIN" in preview.plain, preview.plain.count("Quizá:")) == (True, 1)
