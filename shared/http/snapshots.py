"""A function behind SnapStart: what it does once before its snapshot is taken, and after each restore of it.

Only a published version has a snapshot; elsewhere these hooks are never run, and a function works without them.
"""

import random

# Source: the managed runtimes of Python bring this library; the layer need not.
from snapshot_restore_py import register_after_restore, register_before_snapshot

from shared.aws.clients import ServiceName, client
from shared.aws.secrets import forget_secrets, prepare_secrets
from shared.db.connection import close_connection
from shared.http.resolver import Api


def start_from_snapshot(api: Api, *services: ServiceName) -> None:
    """Prepare the function's routes and its clients of these services for the snapshot, and what each restore needs."""
    register_before_snapshot(before_snapshot, api, *services)
    register_after_restore(after_restore)


def before_snapshot(api: Api, *services: ServiceName) -> None:
    """Do what a first request would otherwise wait for, and leave nothing behind that must not be copied.

    A client is made but not used: it has no socket yet, and takes the credentials anew once they have expired.
    """
    api.prepare()
    for service in services:
        client(service)
    prepare_secrets()
    # Every restored environment would hold the same socket, and a secret as it was on the day of the deployment.
    close_connection()
    forget_secrets()


def after_restore() -> None:
    """Make what is random differ between the environments that are restored from one snapshot.

    It touches neither network nor database: a restore that fails is a request that fails.
    """
    # Ids come from os.urandom, which a restored kernel seeds anew. This generator is Python's own: botocore spreads its
    # retries by it, and all environments would retry in step.
    random.seed()
