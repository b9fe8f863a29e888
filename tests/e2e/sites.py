"""What stories of pages need: a browser, and a mail server. For the conftest.py of a folder to take."""

import asyncio
import http.server
import threading
import warnings

import pytest
from aiosmtpd.controller import Controller
from peers import free_port


@pytest.fixture
def chromium(tmp_path):
    """Debian's browser, without a window, with a profile of its own."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-sync",
                     "--disable-background-networking", "--disable-component-update", "--no-first-run",
                     "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1",
                     f"--user-data-dir={tmp_path / 'profile'}"):
        options.add_argument(argument)
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    driver.set_script_timeout(60)
    yield driver
    driver.quit()


class Mailroom:
    """What the server of a test answers, and what it was given."""

    def __init__(self):
        self.taken, self.rcpt, self.data, self.pause = [], "250 OK", "250 kept", 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server, session, envelope):
        await asyncio.sleep(self.pause)
        if self.data.startswith("250"):
            self.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.original_content, session))
        return self.data


@pytest.fixture
def mail_server():
    """Starts servers: `port, room = mail_server(…)`; what is not known goes to aiosmtpd."""
    running = []

    def start(**arguments):
        room = Mailroom()
        port = free_port()  # aiosmtpd wants to know its port before it binds
        controller = Controller(room, hostname="127.0.0.1", port=port, **arguments)
        controller.start()
        running.append(controller)
        return port, room

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield start
        for controller in running:
            controller.stop()


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
