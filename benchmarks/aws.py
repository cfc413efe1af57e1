"""The AWS side of the functions, on this machine and instant: a bus, a key, a secret and a topic."""

import base64
import json
import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aws_lambda_powertools.utilities.parameters import clear_caches

from local.stack.environment import aws_variables
from shared.aws.clients import forget_clients

_CALLBACK_KEYS = json.dumps({"current": "k" * 48, "previous": ""})
_FUNCTIONS_VARIABLES = {
    "EVENT_BUS_NAME": "robot-jobs",
    "RECORD_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/000000000000/record",
    "RECORD_DEAD_LETTER_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/000000000000/dead-letters",
    "NOTIFICATION_TOPIC_ARN": "arn:aws:sns:us-east-1:000000000000:notifications",
    "KMS_KEY_ID": "arn:aws:kms:us-east-1:000000000000:key/11710aed-b79e-4468-a20b-bb3c0c3b4860",
    "CALLBACK_SECRET_ARN": "arn:aws:secretsmanager:us-east-1:000000000000:secret:callback",
    "CALLBACK_URL": "https://api.example.com/robot-callbacks",
    "ALLOW_PRIVATE_ROBOT_URLS": "true",
    "POWERTOOLS_METRICS_NAMESPACE": "RobotJobs",
    "POWERTOOLS_SERVICE_NAME": "robot-jobs",
}


@contextmanager
def instant_aws() -> Iterator[Mapping[str, str]]:
    """Run it for as long as the block takes, let this process's functions use it, and give their variables."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    variables = aws_variables(f"http://127.0.0.1:{ours.recv()}") | _FUNCTIONS_VARIABLES
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    _forget()
    try:
        yield variables
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value
        _forget()
        process.kill()
        process.join()


def _forget() -> None:
    forget_clients()
    clear_caches()  # type: ignore[no-untyped-call] # Powertools left its types out


def _serve(pipe: Any) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Face) as server:
        pipe.send(server.server_port)
        server.serve_forever()


class _Face(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        operation = self.headers.get("X-Amz-Target", "Publish").rpartition(".")[2]
        body = _ANSWERS[operation](content)
        self.send_response(200)
        self.send_header("Content-Type", "text/xml" if operation == "Publish" else "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Leave the terminal to the figures."""


def _put_events(content: bytes) -> bytes:
    entries = [{"EventId": "11710aed-b79e-4468-a20b-bb3c0c3b4860"} for _ in json.loads(content)["Entries"]]
    return json.dumps({"FailedEntryCount": 0, "Entries": entries}).encode()


#: By operation; SNS's is the only one that is not JSON.
_ANSWERS: Mapping[str, Callable[[bytes], bytes]] = {
    "PutEvents": _put_events,
    "GetQueueAttributes": lambda content: json.dumps(
        {"Attributes": dict.fromkeys(json.loads(content)["AttributeNames"], "0")}
    ).encode(),
    "Decrypt": lambda _content: json.dumps({"Plaintext": base64.b64encode(b"s3cret").decode()}).encode(),
    "GetSecretValue": lambda _content: json.dumps({"SecretString": _CALLBACK_KEYS}).encode(),
    "Publish": lambda _content: (
        b'<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId>'
        b"</PublishResult></PublishResponse>"
    ),
}
