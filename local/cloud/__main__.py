"""`python -m local.cloud deploy|destroy ENVIRONMENT`: what the Makefile runs."""

import argparse
import sys

from local.cloud.account import Account
from local.cloud.environment import read_environment
from local.cloud.steps import deploy, destroy
from local.stack.errors import StackError


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 1 and one sentence on standard error where a step fails."""
    parser = argparse.ArgumentParser(prog="python -m local.cloud", description="Deploys to AWS, and takes away again.")
    parser.add_argument("command", choices=["deploy", "destroy"])
    parser.add_argument("environment", nargs="?", default="")
    parser.add_argument("--confirm", default="", help="the stack's name, without which nothing is destroyed")
    options = parser.parse_args(arguments)
    try:
        environment = read_environment(options.environment)
        account = Account(environment.region)
        if options.command == "deploy":
            deploy(environment, account)
        else:
            destroy(environment, account, options.confirm)
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
