"""What the robots for Coordinadora's portal say when they may have lost sight of it."""

#: Words of an error of type `validation` or `portal`, perhaps from after the form was saved. Looked for anywhere in the
#: text, without case and accents, any number for a number.
#: Source: the words of the robots for Coordinadora's portal, and of the browser that they drive.
UNSURE_WORDS = (
    # After the form was saved.
    "Timeout esperando respuesta del portal",
    "Respuesta desconocida del portal",
    "Error desconocido del portal",
    "Error fatal en el procesamiento del batch",
    # A popup without an icon is reported as an error, whatever it says.
    "cread",
    "exitos",
    "registrad",
    "guardad",
    # At any moment: the browser, the page or the connection is gone.
    "Timeout 30000ms exceeded",
    "has been closed",
    "Target closed",
    "crashed",
    "detached",
    "net::ERR_",
    "ECONNRESET",
    "socket hang up",
    "Protocol error",
    "Execution context was destroyed",
    "Navigation failed",
    "Error de conexión",
    "Browser not initialized",
    # Reported as `validation`, though another run may be at it.
    "Pedido ya en proceso",
)
