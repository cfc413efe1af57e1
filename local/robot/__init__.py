"""The simulated robot: a separate HTTP process that keeps a robot's contract, hard parts included.

It takes one batch a workspace at a time, works through it order by order, makes a shipment for each and
reports it once, whatever the answer. `GET /portal/pedidos?referencia=&workspaceId=` and
`POST /portal/pedidos/{numero}/anular` are the carrier's portal beside it, as a person sees it; `GET /ledger` is the
truth about which order each shipment was made for. `POST /settings`, `/force`, `/restart`, `/uptime` and `/resend`
and `GET /journal` are there for checks alone.
"""
