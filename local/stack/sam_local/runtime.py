"""The container runtime that `sam local` uses, asked through the SDK that comes with the SAM CLI."""

import json
import os
import socket
import subprocess
from dataclasses import dataclass
from ipaddress import IPv4Network

from local.stack.tools import SAM, tool

_TIMEOUT_S = 30
_ASK = """
import docker, json, sys
client = docker.from_env(timeout=20)
config = client.networks.get("bridge").attrs["IPAM"]["Config"][0]
found = [client.version()["Version"], client.info()["Architecture"], config["Subnet"], config.get("Gateway")]
print(json.dumps(found))
"""
#: The daemon's words for the template's.
_ARCHITECTURES = {"aarch64": "arm64", "arm64": "arm64", "x86_64": "x86_64", "amd64": "x86_64"}


@dataclass(frozen=True)
class ContainerRuntime:
    """A daemon that answers, and where its containers look for this machine."""

    version: str
    #: As the template names it: arm64 or x86_64.
    architecture: str
    #: This machine's address in the containers' network.
    gateway: str
    subnet: IPv4Network

    @property
    def needs_forwarder(self) -> bool:
        """Whether the gateway is an address of this machine; Docker Desktop leads to the loopback by itself."""
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            try:
                probe.bind((self.gateway, 0))
            except OSError:
                return False
        return True


def find_runtime() -> ContainerRuntime | None:
    """The runtime that DOCKER_HOST or the usual socket leads to; None where nothing answers.

    Raises:
        StackError: the SAM CLI could not be installed.
    """
    try:
        asked = subprocess.run(
            [tool(SAM) / "python", "-c", _ASK],
            env={name: value for name, value in os.environ.items() if name in {"HOME", "PATH"} or "DOCKER" in name},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            check=True,
            timeout=_TIMEOUT_S,
        )
        version, architecture, subnet, gateway = json.loads(asked.stdout)
    except (subprocess.SubprocessError, ValueError):
        return None
    if architecture not in _ARCHITECTURES:
        return None
    network = IPv4Network(subnet)
    # A daemon that was not told an address takes the first.
    return ContainerRuntime(version, _ARCHITECTURES[architecture], gateway or str(network[1]), network)
