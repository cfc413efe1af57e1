"""The simulated robot: a separate HTTP process that keeps a robot's contract, hard parts included.

It takes one batch a workspace at a time, works through it order by order, makes a shipment for each and
reports it once, whatever the answer. The carrier's portal beside it lists what was made, as a person sees it;
the robot's ledger is the truth about which order each shipment was made for.
"""
