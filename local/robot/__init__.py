"""The simulated robot: a separate HTTP process that keeps a robot's contract, hard parts included.

It takes one batch a workspace at a time, works through it order by order, makes a shipment for each and
reports it once, whatever the answer. Its ledger is the truth about which shipments exist.
"""
