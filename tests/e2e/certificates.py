"""Certificates for one test, made with openssl.

    authority = Authority(tmp_path / "ca")
    server = authority.certificate("ns.test")      # server.file, server.key
"""

import base64
import hashlib
import subprocess
from dataclasses import dataclass
from pathlib import Path


def _openssl(*words, feed=None):
    return subprocess.run(["openssl", *map(str, words)], input=feed, capture_output=True, check=True, timeout=60).stdout


@dataclass
class Certificate:
    file: Path
    key: Path

    @property
    def pin(self):
        """SHA-256 of its public key, in base 64."""
        public = _openssl("x509", "-in", self.file, "-noout", "-pubkey")
        return base64.b64encode(hashlib.sha256(_openssl("pkey", "-pubin", "-outform", "der", feed=public)).digest()).decode()


class Authority:
    def __init__(self, folder, name="authority.test"):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.made = 0
        self.key, self.file = self.folder / "ca.key", self.folder / "ca.pem"
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self.key,
                 "-out", self.file, "-subj", f"/CN={name}", "-days", "30", "-addext", "keyUsage=keyCertSign,cRLSign")

    def certificate(self, name, days=30, address=None):
        """For this DNS name, and this address. `days` below zero: it has ended."""
        self.made += 1
        made = Certificate(self.folder / f"{self.made}.pem", self.folder / f"{self.made}.key")
        request = self.folder / f"{self.made}.csr"
        _openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", made.key, "-out",
                 request, "-subj", f"/CN={name}")
        extensions = self.folder / f"{self.made}.ext"
        extensions.write_text(f"subjectAltName=DNS:{name}{f',IP:{address}' if address else ''}\nbasicConstraints=CA:false\n")
        _openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self.key, "-CAcreateserial", "-out",
                 made.file, "-days", days, "-extfile", extensions)
        return made


def self_signed(folder, name):
    made = Certificate(Path(folder) / "self.pem", Path(folder) / "self.key")
    _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", made.key,
             "-out", made.file, "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-days", "30")
    return made
