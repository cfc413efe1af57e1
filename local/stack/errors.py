"""What can go wrong with the local stack, said in one sentence."""


class StackError(Exception):
    """The local stack cannot do what was asked; the text is one sentence a person can act on."""


def reason(output: str) -> str:
    """The line of a failed program's output that says why."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for line in lines:
        if line.lower().startswith("error:"):
            return line
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines or ["it said nothing"])[-1]
