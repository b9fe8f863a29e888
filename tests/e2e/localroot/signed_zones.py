"""Small signed zones of any name, with one file of trust anchors for all of them.

    zones = SignedZones(folder)
    a = zones.version("a.test.")   # the path of its file; the next call signs the next serial
    zones.anchors                  # DS records of all, made so far
"""

from localroot_peer import run


class SignedZones:
    def __init__(self, folder):
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.anchors = self.folder / "anchors"
        self.anchors.write_text("")
        self.keys, self.serials = {}, {}

    def file(self, name):
        return self.folder / f"{name}zone"

    def version(self, name):
        if name not in self.keys:
            self.keys[name] = run("ldns-keygen", "-a", "ECDSAP256SHA256", "-k", name, cwd=self.folder).strip()
            with open(self.anchors, "a") as anchors:
                anchors.write((self.folder / f"{self.keys[name]}.ds").read_text())
        serial = self.serials[name] = self.serials.get(name, 0) + 1
        plain = self.folder / f"{name}plain"
        plain.write_text(f"{name} 300 IN SOA ns.{name} host.{name} {serial} 1800 1 604800 300\n{name} 300 IN NS ns.{name}\n"
                         f"ns.{name} 300 IN A 127.255.255.254\nserial.{name} 300 IN TXT {serial}\n")
        new = self.folder / f"{name}new"
        run("ldns-signzone", "-z", "sha384", "-o", name, "-f", new, plain, self.keys[name], cwd=self.folder)
        new.rename(self.file(name))
        return self.file(name)
