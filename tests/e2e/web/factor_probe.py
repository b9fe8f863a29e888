"""Talks to zw_factor_probe, which offers ground/web's factors and mail on lines of JSON."""

import json
import subprocess


class FactorProbe:
    def __init__(self, programs):
        self.process = subprocess.Popen([programs / "zw_factor_probe"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)

    def ask(self, verb, **members):
        self.process.stdin.write(json.dumps({"do": verb, **members}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def stop(self):
        self.process.stdin.close()
        assert self.process.wait(10) == 0
        self.process.stdout.close()
