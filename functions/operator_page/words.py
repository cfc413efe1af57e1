"""What the states, codes and fields of the program are called on the page; each is translated where it is shown."""

from functions.operator_page.language import N_

#: Kind → word → what a person reads.
WORDS: dict[str, dict[str, str]] = {
    "job": {
        "pending": N_("Waiting"),
        "processing": N_("Running"),
        "completed": N_("Finished"),
        "failed": N_("Failed"),
    },
    "item": {
        "pending": N_("Waiting"),
        "processing": N_("With the robot"),
        "success": N_("Shipped"),
        "error": N_("Failed"),
        "unsettled": N_("Perhaps shipped"),
        "second": N_("Shipped twice"),
    },
    "shipment": {
        "none": N_("Not shipped"),
        "possible": N_("Perhaps shipped"),
        "made": N_("Shipped"),
        "second": N_("Second shipment"),
    },
    "error": {
        "validation": N_("Data of the order"),
        "portal": N_("Carrier's portal"),
        "timeout": N_("No answer"),
        "unknown": N_("Unknown"),
    },
    "waiting": {
        "paused": N_("It is paused. Press “Resume” to let it go on."),
        "carrier_not_ready": N_("The carrier is switched off or not configured. See “Settings”."),
        "behind_job": N_("Another job goes first; this one follows by itself."),
        "robot_busy": N_("The robot is busy; it is tried again by itself."),
        "robot_unreachable": N_("The robot can't be reached; it is tried again by itself. See “Settings” to test it."),
        "outcome_unknown": N_("Nobody knows whether the robot took the last orders; they wait for its reports."),
    },
    "paused": {
        "operator": N_("Paused by a person"),
        "errors": N_("Paused because of errors in a row"),
    },
    "priority": {"normal": N_("Normal"), "urgent": N_("Urgent")},
    "attempt": {
        "calling": N_("The robot is being called"),
        "accepted": N_("The robot took it"),
        "unknown": N_("Nobody knows whether the robot took it"),
        "refused": N_("The robot refused it"),
    },
    "source": {
        "robot": N_("Robot"),
        "person": N_("Person"),
        "deadline": N_("Time ran out"),
        "restart": N_("The robot restarted"),
    },
    "recorded": {
        "recorded": N_("Recorded"),
        "duplicate": N_("Known already"),
        "stale": N_("Too late"),
        "conflict": N_("Another number"),
    },
    "said": {
        "paused": N_("The job is paused: what the robot has goes on, and no further orders go to it."),
        "resumed": N_("The job goes on in its turn."),
        "prioritised": N_("The priority was changed."),
        "cancelled": N_("Cancelled: what the robot has already is finished and reported."),
        "retried": N_("The orders wait for the robot again."),
        "settled": N_("Recorded. What is not there can be retried now."),
        "shipped": N_("The batch was made; you can watch it here."),
        "shipped-before": N_("This batch had been made already; nothing was shipped twice."),
        "saved": N_("Saved."),
        "none-selected": N_("Nothing was ticked. Tick the orders to ship, or ship all that the list has."),
        "imported": N_("The file was imported. The new orders come first."),
    },
    "action": {
        "orders_imported": N_("Imported orders"),
        "order_changed": N_("Changed an order"),
        "job_submitted": N_("Shipped a batch"),
        "job_retried": N_("Retried failed orders"),
        "job_settled": N_("Settled what was unclear"),
        "job_paused": N_("Paused a job"),
        "job_resumed": N_("Resumed a job"),
        "job_prioritised": N_("Changed the priority of a job"),
        "job_cancelled": N_("Cancelled a job"),
        "job_ended": N_("Ended a job"),
        "carrier_configured": N_("Changed the settings"),
        "guides_looked_up": N_("Looked up guides"),
    },
}

#: Code of a rejection, or of what is wrong with a file → the reason, where the domain's own is not shown.
REASONS: dict[str, str] = {}

#: Names of fields as refusals have them.
FIELDS: dict[str, str] = {}
