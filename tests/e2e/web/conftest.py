import pytest
from account_site import AccountSite
from factor_probe import FactorProbe
from sites import chromium, mail_server, pages  # noqa: F401


@pytest.fixture
def probe(programs):
    made = FactorProbe(programs)
    yield made
    made.stop()


@pytest.fixture
def account_site(programs, tmp_path, mail_server):
    """Starts sites with accounts; gives the one that it started."""
    running = []

    def start(**options):
        folder = tmp_path / f"site{len(running)}"
        folder.mkdir()
        running.append(AccountSite(programs, folder, *mail_server(), **options))
        return running[-1]

    yield start
    for site in running:
        if site.process.poll() is None:
            site.stop()
