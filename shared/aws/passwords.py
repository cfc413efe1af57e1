"""Portal passwords are sealed with KMS, each bound to its workspace and carrier."""

import base64
import binascii
import os
from typing import TYPE_CHECKING
from uuid import UUID

from shared.aws.clients import client

if TYPE_CHECKING:
    from types_boto3_kms import KMSClient


class SealedPasswordError(Exception):
    """The ciphertext can't be opened for this workspace and carrier."""


def seal_password(plaintext: str, *, workspace_id: UUID, carrier: str) -> str:
    """Return the password's KMS ciphertext in base64, which only opens for this workspace and carrier.

    Raises:
        botocore.exceptions.ClientError: KMS refused.
    """
    kms: KMSClient = client("kms")
    sealed = kms.encrypt(
        KeyId=os.environ["KMS_KEY_ID"],
        Plaintext=plaintext.encode(),
        EncryptionContext=_context(workspace_id, carrier),
    )
    return base64.b64encode(sealed["CiphertextBlob"]).decode("ascii")


def open_password(ciphertext: str, *, workspace_id: UUID, carrier: str) -> str:
    """Return the password that `seal_password` sealed for this workspace and carrier.

    Raises:
        SealedPasswordError: it was sealed for another workspace or carrier, or by another key, or is damaged.
        botocore.exceptions.ClientError: KMS refused for another reason; the same call may succeed later.
    """
    kms: KMSClient = client("kms")
    try:
        opened = kms.decrypt(
            KeyId=os.environ["KMS_KEY_ID"],
            CiphertextBlob=base64.b64decode(ciphertext, validate=True),
            EncryptionContext=_context(workspace_id, carrier),
        )
    except (
        binascii.Error,
        kms.exceptions.InvalidCiphertextException,
        kms.exceptions.IncorrectKeyException,
    ) as error:
        # From None: what KMS was sent is part of the error's request.
        raise SealedPasswordError(
            f"The portal password of {carrier} can't be opened: {type(error).__name__}."
        ) from None
    return opened["Plaintext"].decode()


def _context(workspace_id: UUID, carrier: str) -> dict[str, str]:
    return {"workspaceId": str(workspace_id), "carrier": carrier}
