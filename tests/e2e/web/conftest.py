import http.server
import threading

import pytest
from account_site import AccountSite
from factor_probe import FactorProbe
from sites import chromium, mail_server  # noqa: F401


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


@pytest.fixture
def pages():
    """Serves pages, path -> (type, text), at http://localhost:PORT, which browsers take for a secure context; gives
    that address."""
    running = []

    def serve(content, **fields):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                kind, text = content.get(self.path, content["/"])
                self.send_response(200)
                for name, value in {"Content-Type": kind, **fields}.items():
                    self.send_header(name.replace("_", "-"), value)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass

        running.append(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=running[-1].serve_forever, daemon=True).start()
        return f"http://localhost:{running[-1].server_port}"

    yield serve
    for server in running:
        server.shutdown()
        server.server_close()
