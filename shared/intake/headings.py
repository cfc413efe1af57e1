"""What is written above the columns of orders, in Spanish and in English, by shops, table tools and people.

Compared without case, accents, punctuation and underscores. What may mean two things is in `AMBIGUOUS`, or not here.
"""

_ORDER_NUMBER = ("número", "no", "nro", "num", "n")

#: Column → headings beside its own name.
HEADINGS: dict[str, tuple[str, ...]] = {
    "external_id": (
        "id externo", "external reference", "referencia externa", "order id", "id pedido", "id del pedido", "id orden",
        "id de la orden",
    ),
    "name": (
        "order", "order name", "order number", "order no", "pedido", "nombre pedido", "nombre del pedido", "orden",
        *(f"{word} {of}{what}" for word in _ORDER_NUMBER for of in ("", "de ", "del ") for what in ("pedido", "orden")),
    ),
    "recipient": (
        "recipient name", "shipping name", "ship to name", "customer", "customer name", "full name", "destinatario",
        "nombre destinatario", "nombre del destinatario", "cliente", "nombre cliente", "nombre del cliente",
        "nombre completo", "nombre envío", "nombre de envío", "nombre de quien recibe", "quien recibe",
    ),
    "identification": (
        "identificación", "número de identificación", "identificación destinatario", "identificación del destinatario",
        "cédula", "cédula o nit", "cédula/nit", "cc", "nit", "cc/nit", "documento", "documento de identidad",
        "número de documento", "no documento", "tax id", "national id",
    ),
    "phone": (
        "phone number", "mobile", "mobile number", "mobile phone", "cell", "cellphone", "cell phone", "recipient phone",
        "customer phone", "shipping phone", "teléfono", "tel", "celular", "cel", "móvil", "teléfono celular",
        "número de teléfono", "número de celular", "teléfono destinatario", "teléfono del destinatario",
        "celular destinatario", "celular del destinatario", "teléfono cliente", "teléfono del cliente",
        "celular cliente", "teléfono envío", "teléfono de envío", "teléfono de contacto",
    ),
    "email": (
        "e-mail", "mail", "email address", "e-mail address", "customer email", "correo", "correo electrónico",
        "correo cliente", "correo del cliente", "correo destinatario", "correo del destinatario",
    ),
    "address": (
        "shipping address", "delivery address", "street address", "ship to address", "recipient address", "dirección",
        "dirección envío", "dirección de envío", "dirección entrega", "dirección de entrega",
        "dirección destinatario", "dirección del destinatario", "dirección cliente", "dirección del cliente",
        "dirección completa", "domicilio",
    ),
    "city": (
        "town", "shipping city", "delivery city", "destination city", "recipient city", "ciudad", "municipio",
        "ciudad envío", "ciudad de envío", "ciudad entrega", "ciudad de entrega", "ciudad destino",
        "ciudad de destino", "ciudad destinatario", "ciudad del destinatario", "población",
    ),
    "department": (
        "state", "province", "shipping state", "shipping province", "delivery state", "departamento", "depto", "dpto",
        "departamento envío", "departamento de envío", "departamento destino", "departamento de destino",
        "departamento destinatario", "departamento del destinatario", "provincia",
    ),
    "total_value": (
        "total", "amount", "total amount", "value", "order total", "order value", "valor", "valor total", "monto",
        "total pedido", "total del pedido", "valor pedido", "valor del pedido", "valor a recaudar", "valor recaudo",
        "total a pagar",
    ),
    "prepaid": ("paid", "is paid", "pagado", "prepagado", "prepago", "ya pagado", "pedido pagado"),
    # Parcels of one shipment. A shop's "cantidad" is rather how many of its goods were bought.
    "units": ("pieces", "packages", "parcels", "unidades", "piezas", "paquetes", "bultos", "número de unidades"),
    "carrier": ("courier", "shipping carrier", "transportadora", "empresa de envío"),
}  # fmt: skip

#: Heading → the columns that it may mean. It means the one that has no heading of its own, where that is one.
AMBIGUOUS: dict[str, tuple[str, ...]] = {"nombre": ("name", "recipient"), "nombres": ("name", "recipient")}
