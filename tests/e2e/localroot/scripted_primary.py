"""A primary that sends what no sound program would: a cut transfer, or one in another class."""

import socket
import struct
import threading
import time

import dns.flags
import dns.message
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.zone


class ScriptedPrimary:
    """Answers SOA over UDP and TCP as the zone in `file` has it, and AXFR as `mode` says: `whole`, `cut` (the
    connection ends in midst of the zone), `short` (the last SOA never comes, and then an orderly end), `class`
    (records of class CHAOS). The zone and the mode may be changed while it runs."""

    def __init__(self, file, mode="whole", address="127.0.0.1"):
        self.mode, self.address = mode, address
        self.load(file)
        self.tcp = socket.create_server((address, 0))
        self.port = self.tcp.getsockname()[1]
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind((address, self.port))
        self.asked = 0  # AXFR questions
        self.sent_at = None  # time.monotonic() behind the last octet of a zone
        for loop in (self._serve_tcp, self._serve_udp):
            threading.Thread(target=loop, daemon=True).start()

    def load(self, file):
        zone = dns.zone.from_file(str(file), origin=".", relativize=False)
        self.soa = dns.rrset.from_rdata_list(zone.origin, 86400, [zone.get_soa()])
        self.rrsets = [dns.rrset.from_rdata_list(name, rdataset.ttl, list(rdataset))
                       for name, node in zone.nodes.items() for rdataset in node
                       if rdataset.rdtype != dns.rdatatype.SOA]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # shutdown wakes the thread that waits in accept().
        self.tcp.shutdown(socket.SHUT_RDWR)
        self.tcp.close()
        self.udp.close()

    def _serve_udp(self):
        while True:
            try:
                wire, sender = self.udp.recvfrom(65535)
            except OSError:
                return
            self.udp.sendto(self._answer(dns.message.from_wire(wire), [self.soa]), sender)

    def _serve_tcp(self):
        while True:
            try:
                client, _ = self.tcp.accept()
            except OSError:
                return
            with client:
                client.settimeout(5)
                try:
                    self._talk(client)
                except OSError:
                    pass

    def _talk(self, client):
        while head := client.recv(2, socket.MSG_WAITALL):
            query = dns.message.from_wire(client.recv(struct.unpack("!H", head)[0], socket.MSG_WAITALL))
            if query.question[0].rdtype == dns.rdatatype.SOA:
                _send(client, self._answer(query, [self.soa]))
                continue
            self.asked += 1
            parts = [[self.soa]] + [self.rrsets[i:i + 50] for i in range(0, len(self.rrsets), 50)] + [[self.soa]]
            if self.mode in ("cut", "short"):
                parts = parts[:len(parts) // 2]
            messages = [self._answer(query, part) for part in parts]
            for message in messages:
                _send(client, message)
            self.sent_at = time.monotonic()
            if self.mode == "cut":  # the next message has begun, and breaks off
                client.sendall(struct.pack("!H", 500) + messages[-1][:100])
            if self.mode in ("cut", "short"):
                return

    def _answer(self, query, rrsets):
        response = dns.message.make_response(query)
        response.flags |= dns.flags.AA
        if query.question[0].rdtype != dns.rdatatype.SOA and self.mode == "class":
            response.answer = [dns.rrset.from_text_list(rrset.name, rrset.ttl, dns.rdataclass.CH, rrset.rdtype,
                                                        [rdata.to_text() for rdata in rrset])
                               for rrset in rrsets if rrset.rdtype in (dns.rdatatype.SOA, dns.rdatatype.NS)]
        else:
            response.answer = list(rrsets)
        return response.to_wire(max_size=65535)


def _send(client, message):
    client.sendall(struct.pack("!H", len(message)) + message)
