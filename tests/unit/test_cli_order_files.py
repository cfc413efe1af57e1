"""Orders from a spreadsheet: what a cell becomes, and what is said of one that is wrong."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4, uuid5

import pytest

from local.cli.errors import CommandError
from local.cli.order_files import read_orders

SAMPLES = Path(__file__).parents[2] / "local" / "samples"
WORKSPACE = UUID("0198c2a0-0000-7000-8000-000000000001")


def file_with(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    file = tmp_path / "orders.csv"
    file.write_bytes(text.encode(encoding))
    return file


def test_a_row_becomes_an_order_with_its_contact(tmp_path: Path) -> None:
    text = "name,recipient,phone,city,total_value,prepaid\nA-1,Óscar,3001234567,Bogotá,189900.50,sí\n"
    (order,) = read_orders(file_with(tmp_path, text), WORKSPACE)
    assert order.body == {
        "id": str(uuid5(WORKSPACE, "A-1")),
        "name": "A-1",
        "shippingCity": "Bogotá",
        "totalValue": 189900.5,
        "prepaid": True,
        "contact": {"name": "Óscar", "phone": "3001234567"},
    }


def test_an_empty_cell_is_left_out_and_an_id_is_kept(tmp_path: Path) -> None:
    order_id = uuid4()
    (order,) = read_orders(file_with(tmp_path, f"id,name,phone\n{order_id},,\n"), None)
    assert order.body == {"id": str(order_id)}


def test_a_file_of_a_spreadsheet_is_read(tmp_path: Path) -> None:
    """With a byte order mark, semicolons and Windows line ends."""
    text = '\ufeffname;address;total_value\r\nA-1;"Calle 1; torre 2";1000\r\n'
    (order,) = read_orders(file_with(tmp_path, text), WORKSPACE)
    assert (order.body["shippingAddress"], order.body["totalValue"]) == ("Calle 1; torre 2", 1000)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name,colour\nA-1,red\n", "unknown column 'colour'"),
        ("name,total_value\nA-1,12\nA-2,189.900,00\n", "line 3: more cells than columns"),
        ("name,total_value\nA-1,much\n", "line 2: total_value is a number"),
        ("name,total_value\nA-1,nan\n", "line 2: total_value is a number"),
        ("name,prepaid\nA-1,maybe\n", "line 2: prepaid is yes or no"),
        ("id\nA-1\n", "line 2: 'A-1' is no UUID"),
        ("name,city\n,Cali\n", "line 2: an order needs an id or a name"),
        ('name\n"A-1\n', "can't be read as CSV"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        read_orders(file_with(tmp_path, text), WORKSPACE)


def test_a_name_is_no_id_without_a_workspace(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="does not tell its workspace"):
        read_orders(file_with(tmp_path, "name\nA-1\n"), None)


def test_another_encoding_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="can't be read as CSV in UTF-8"):
        read_orders(file_with(tmp_path, "name\nBogotá\n", "latin-1"), WORKSPACE)


def test_the_sample_orders_are_25_with_different_ids_and_phones() -> None:
    orders = read_orders(SAMPLES / "orders.csv", WORKSPACE)
    assert len({order.id for order in orders}) == 25
    assert len({order.body["contact"]["phone"] for order in orders}) == 25
