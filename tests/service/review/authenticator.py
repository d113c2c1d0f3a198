"""A phone's passkeys without a phone: it answers what our pages ask as a browser would."""

import hashlib
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256

ORIGIN = "http://testserver.local"
PRESENT, VERIFIED, KEY = 0x01, 0x04, 0x40


def options(html: str, what: str) -> Any:
    """What a page asks the browser for: `get` or `create`."""
    found = re.search(rf'data-passkey="{what}" data-options="([^"]*)"', html)
    assert found
    return json.loads(unescape(found[1]))


def words(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


@dataclass
class Passkey:
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = field(default_factory=lambda: uuid4().bytes)
    user: bytes = b""
    counter: int = 0
    flags: int = PRESENT | VERIFIED
    origin: str = ORIGIN

    def create(self, asked: Any) -> str:
        self.user = urlsafe_b64decode(asked["user"]["id"] + "==")
        public = cbor.encode(dict(ES256.from_cryptography_key(self.key.public_key())))  # type: ignore[no-untyped-call]
        data = self._data(asked["rp"]["id"], KEY) + bytes(16) + len(self.id).to_bytes(2, "big") + self.id + public
        attested = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        return self._said({"clientDataJSON": self._client("create", asked), "attestationObject": attested})

    def get(self, asked: Any) -> str:
        self.counter += 1
        data, client = self._data(asked["rpId"], 0), self._client("get", asked)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._said(
            {"clientDataJSON": client, "authenticatorData": data, "signature": signature, "userHandle": self.user}
        )

    def _data(self, name: str, more: int) -> bytes:
        return hashlib.sha256(name.encode()).digest() + bytes([self.flags | more]) + self.counter.to_bytes(4, "big")

    def _client(self, what: str, asked: Any) -> bytes:
        told = {"type": f"webauthn.{what}", "challenge": asked["challenge"], "origin": self.origin}
        return json.dumps(told).encode()

    def _said(self, response: dict[str, bytes]) -> str:
        told = {name: words(value) for name, value in response.items()}
        return json.dumps({"id": words(self.id), "rawId": words(self.id), "type": "public-key", "response": told})
