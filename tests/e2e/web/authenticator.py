"""An authenticator and a browser of passkeys that share no code with ours: python3-cryptography signs, python3-fido2
writes the CBOR."""

import base64
import hashlib
import json
import os

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from fido2 import cbor

PRESENT, VERIFIED, ELIGIBLE, ATTESTED = 0x01, 0x04, 0x08, 0x40


def base64url(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def octets_of(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Key:
    """A private key and its COSE_Key."""

    def __init__(self, algorithm):
        self.algorithm = algorithm
        if algorithm == -7:
            self.private = ec.generate_private_key(ec.SECP256R1())
            numbers = self.private.public_key().public_numbers()
            self.cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        elif algorithm == -8:
            self.private = ed25519.Ed25519PrivateKey.generate()
            raw = self.private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
            self.cose = {1: 1, 3: -8, -1: 6, -2: raw}
        else:
            self.private = rsa.generate_private_key(65537, 2048)
            numbers = self.private.public_key().public_numbers()
            self.cose = {1: 3, 3: -257, -1: numbers.n.to_bytes(256, "big"), -2: numbers.e.to_bytes(3, "big")}

    def sign(self, message):
        if self.algorithm == -7:
            return self.private.sign(message, ec.ECDSA(hashes.SHA256()))
        if self.algorithm == -8:
            return self.private.sign(message)
        return self.private.sign(message, padding.PKCS1v15(), hashes.SHA256())


class Authenticator:
    def __init__(self, algorithm, flags=PRESENT | VERIFIED, counts=True):
        self.key, self.flags, self.counts = Key(algorithm), flags, counts
        self.id, self.count, self.user = os.urandom(24), 0, None

    def data(self, party, more=b"", flags=0):
        self.count += self.counts
        return (hashlib.sha256(party.encode()).digest() + bytes([self.flags | flags]) + self.count.to_bytes(4, "big") + more)

    @staticmethod
    def client_data(kind, options, origin):
        return json.dumps({"type": kind, "challenge": options["challenge"], "origin": origin, "crossOrigin": False,
                           "other_keys_can_be_added_here": "do not compare"}).encode()

    def answer(self, **response):
        return json.dumps({"id": base64url(self.id), "rawId": base64url(self.id), "type": "public-key",
                           "authenticatorAttachment": "platform", "clientExtensionResults": {}, "response": response})

    def create(self, options, origin, packed=False):
        assert self.key.algorithm in [kind["alg"] for kind in options["pubKeyCredParams"]]
        self.user = octets_of(options["user"]["id"])
        client = self.client_data("webauthn.create", options, origin)
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor.encode(self.key.cose)
        data = self.data(options["rp"]["id"], attested, ATTESTED)
        statement = {"alg": self.key.algorithm, "sig": self.key.sign(data + hashlib.sha256(client).digest())} if packed else {}
        attestation = cbor.encode({"fmt": "packed" if packed else "none", "attStmt": statement, "authData": data})
        return self.answer(clientDataJSON=base64url(client), attestationObject=base64url(attestation), transports=["internal"])

    def get(self, options, origin):
        client = self.client_data("webauthn.get", options, origin)
        data = self.data(options["rpId"])
        signature = self.key.sign(data + hashlib.sha256(client).digest())
        return self.answer(clientDataJSON=base64url(client), authenticatorData=base64url(data),
                           signature=base64url(signature), userHandle=base64url(self.user))
