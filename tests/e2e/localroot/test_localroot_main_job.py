"""What ./run shows, to its end."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_the_tour_of_the_main_job_ends_with_a_resolver_that_is_active_and_told():
    done = subprocess.run([sys.executable, ROOT / "tools" / "main_job.py", "--once", "--size", "60"], capture_output=True, text=True,
                          timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    steps = re.findall(r"^(\d+)\. (.*)$", done.stdout, re.MULTILINE)
    assert [number for number, _ in steps] == list("1234567")
    assert "The portal's page: active" in done.stdout
    newer = re.search(r"serial (\d+) came by NOTIFY", done.stdout).group(1)
    assert f"Serial held: {newer}, known" in done.stdout and "Its answer: taken" in done.stdout
    assert re.search(r"http://localhost:\d+/sign-in\n +as demo@example.net with the password \S+", done.stdout)
