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
    (order,) = read_orders(file_with(tmp_path, text), WORKSPACE).orders
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
    (order,) = read_orders(file_with(tmp_path, f"id,name,phone\n{order_id},,\n"), None).orders
    assert order.body == {"id": str(order_id)}


def test_a_file_of_a_spreadsheet_is_read(tmp_path: Path) -> None:
    """With a byte order mark, semicolons and Windows line ends."""
    text = '\ufeffname;address;total_value\r\nA-1;"Calle 1; torre 2";89.900\r\n'
    (order,) = read_orders(file_with(tmp_path, text), WORKSPACE).orders
    assert (order.body["shippingAddress"], order.body["totalValue"]) == ("Calle 1; torre 2", 89900)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name,colour\nA-1,red\n", 'line 1, column B: "colour" is no column that is known'),
        ("name,total_value\nA-1,12\nA-2,189.900,00\n", r"line 3, column C \(A-2\): the row has 3 cells"),
        ("name,total_value\nA-1,much\n", r'line 2, total_value \(A-1\): the cell is "much"'),
        ("name,total_value\nA-1,nan\n", r"line 2, total_value \(A-1\): an order that is not prepaid needs"),
        ("name,prepaid\nA-1,maybe\n", r"line 2, prepaid \(A-1\): the cell is yes or no"),
        ("id\nA-1\n", 'line 2, id: the cell is "A-1", no UUID'),
        ("name,city\n,Cali\n", "line 2, name: an order needs an id or a name"),
        ('name\n"A-1\n', "this is no CSV"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        read_orders(file_with(tmp_path, text), WORKSPACE)


def test_a_name_is_no_id_without_a_workspace(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="the token does not tell one"):
        read_orders(file_with(tmp_path, "name\nA-1\n"), None)


def test_another_encoding_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is not in UTF-8, and its encoding is not certain; save it as CSV UTF-8"):
        read_orders(file_with(tmp_path, "name\nRené\n", "latin-1"), WORKSPACE)


def test_the_sample_orders_are_25_with_different_ids_and_phones() -> None:
    orders = read_orders(SAMPLES / "orders.csv", WORKSPACE).orders
    assert len({order.id for order in orders}) == 25
    assert len({order.body["contact"]["phone"] for order in orders}) == 25


def test_fifty_refusals_are_told_at_once_and_the_others_counted(tmp_path: Path) -> None:
    """Told one by one, a file of sixty wrong lines is imported sixty-one times."""
    text = "name,total_value\n" + "".join(f"A-{n},1e5\n" for n in range(60))
    with pytest.raises(CommandError) as refused:
        read_orders(file_with(tmp_path, text), WORKSPACE)
    lines = str(refused.value).splitlines()
    assert lines[0].endswith("orders.csv is refused, and nothing of it is taken. Correct it and try again:")
    assert lines[1].startswith('  line 2, total_value (A-0): the cell is "1e5"')
    assert (len(lines), lines[-1]) == (52, "  and 10 more.")


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"orders\.csv can't be read: No such file or directory\."):
        read_orders(tmp_path / "orders.csv", WORKSPACE)
