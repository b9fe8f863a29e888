"""Accounts as people and attackers meet them: a browser, a client without scripts, and requests that no browser sends."""

import re
import socket
import statistics
import time

import pytest
from account_site import Visitor
from certificates import Authority

PASSWORD = "correct horse battery"


def totp(secret, at=None):
    """RFC 6238, by other hands than ours."""
    import base64
    import hashlib
    import hmac
    import struct

    mac = hmac.new(base64.b32decode(secret), struct.pack(">Q", int((at or time.time()) // 30)), hashlib.sha1).digest()
    offset = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[offset:offset + 4])[0] & 0x7fffffff) % 1_000_000:06}"


@pytest.fixture
def site(account_site):
    return account_site(waiting=1)


def pictures(chromium, folder, name):
    """What a page looks like wide, on a phone, and in the dark."""
    folder.mkdir(parents=True, exist_ok=True)
    for width, scheme, what in ((1100, "light", "wide"), (320, "light", "phone"), (1100, "dark", "dark")):
        chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                 {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500})
        assert chromium.execute_script("return document.documentElement.scrollWidth") <= width, f"{name} is too wide at {width}"
        chromium.save_screenshot(str(folder / f"{name}-{what}.png"))
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_a_person_signs_up_and_in_with_a_browser(account_site, chromium, tmp_path):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    site = account_site(waiting=600, bits=14)  # only work helps, which the browser does by itself
    shots = tmp_path / "pictures"

    def fill(**fields):
        for name, value in fields.items():
            box = chromium.find_element(By.NAME, name)
            box.clear()
            box.send_keys(value)
        chromium.find_element(By.CSS_SELECTOR, "main form.fields button").click()

    def wait_title(words):
        WebDriverWait(chromium, 20).until(lambda browser: words in browser.title)

    chromium.get(site.origin + "/")
    wait_title("Sign in")
    pictures(chromium, shots, "sign-in")
    chromium.find_element(By.LINK_TEXT, "Sign up").click()
    wait_title("Sign up")
    pictures(chromium, shots, "sign-up")
    WebDriverWait(chromium, 30).until(lambda b: b.find_elements(By.CSS_SELECTOR, "input[data-worked]"))
    fill(email="jane@example.net")
    wait_title("Look into your mail")
    pictures(chromium, shots, "sent")
    chromium.get(site.origin + site.link("jane@example.net"))
    wait_title("Choose a password")
    pictures(chromium, shots, "link")
    fill(password=PASSWORD)
    wait_title("Your account")
    assert "jane@example.net" in chromium.page_source and "Chrome" in chromium.page_source
    pictures(chromium, shots, "account")

    chromium.find_element(By.LINK_TEXT, "Set up a code on your telephone").click()
    wait_title("A code on your telephone")
    pictures(chromium, shots, "totp")
    secret = chromium.find_element(By.CSS_SELECTOR, "main p code").text
    fill(code="000000")
    WebDriverWait(chromium, 20).until(lambda browser: "not the code of this moment" in browser.page_source)
    assert chromium.find_element(By.CSS_SELECTOR, "main p code").text == secret
    fill(code=totp(secret))
    wait_title("Codes for paper")
    pictures(chromium, shots, "codes")
    codes = [item.text for item in chromium.find_elements(By.CSS_SELECTOR, ".codes li")]
    assert len(set(codes)) == 10

    chromium.find_element(By.CSS_SELECTOR, "header form button").click()
    wait_title("Sign in")
    fill(email="jane@example.net", password=PASSWORD)
    wait_title("One more step")
    pictures(chromium, shots, "factor")
    chromium.get(site.origin + "/account")
    wait_title("One more step")  # half a session shows nothing
    fill(code=codes[0])
    wait_title("Your account")
    assert "9 codes on paper" in chromium.page_source
    assert [entry for entry in chromium.get_log("browser") if entry["level"] == "SEVERE" and "422" not in entry["message"]] == []


def test_a_form_without_scripts_is_taken_after_waiting(account_site):
    site = account_site(waiting=3)
    jane = Visitor(site)
    jane.get("/sign-up")
    began = time.monotonic()
    jane.post("/sign-up", email="jane@example.net")
    assert jane.status == 422 and "without scripts" in jane.text and 'value="jane@example.net"' in jane.text
    while jane.status == 422:
        time.sleep(0.2)
        jane.post("/sign-up", email="jane@example.net")
    assert jane.status == 200 and time.monotonic() - began > 2
    to, subject, text = site.mails(1)[0]
    assert to == "jane@example.net" and "confirm your address" in subject and site.origin in text


def test_nothing_is_lost_and_no_mail_sent_twice_when_it_is_killed(site):
    jane = Visitor(site)
    site.room.data = "451 not now"
    jane.get("/sign-up")
    time.sleep(1.1)
    jane.post("/sign-up", email="jane@example.net")
    assert jane.status == 200
    site.kill()
    site.room.data = "250 kept"
    site.start()
    link = site.link("jane@example.net")
    jane.get(link).post(link, password=PASSWORD)
    assert jane.status == 303
    site.kill()
    site.start()
    assert jane.get("/account").status == 200 and "jane@example.net" in jane.text
    time.sleep(2)
    assert len(site.room.taken) == 1


def certificate_in(folder):
    return Authority(folder / "ca").certificate("localhost")


def test_over_tls_cookies_are_for_this_host_alone(account_site, tmp_path):
    site = account_site(waiting=1, certificate=certificate_in(tmp_path))
    jane = Visitor(site)
    jane.sign_up("jane@example.net")
    set_cookies = jane.headers.get_all("Set-Cookie")
    assert {cookie.split("=")[0] for cookie in set_cookies} == {"__Host-session", "__Host-device"}
    for cookie in set_cookies:
        assert "; Secure" in cookie and "; Path=/;" in cookie and "HttpOnly" in cookie and "Domain" not in cookie
    assert "max-age=" in jane.headers["Strict-Transport-Security"]
    assert jane.get("/account").status == 200
    jane.cookies = {"session": jane.cookies["__Host-session"]}  # as another host of the domain could set it
    assert jane.get("/account").status == 303


# ---- attacks ----


def test_forged_requests_do_nothing(site):
    jane, mallory = Visitor(site), Visitor(site)
    jane.sign_up("jane@example.net")
    mallory.sign_up("mallory@example.net")
    jane.get("/account")
    tokens = jane.fields("/account/sign-out-others")
    forged = [
        {"body": "", "headers": {}},
        {"body": "token=", "headers": {}},
        {"body": f"token={tokens['token']}", "headers": {"Origin": "https://evil.example"}},
        {"body": f"token={tokens['token']}", "headers": {"Origin": "null"}},
        {"body": f"token={tokens['token']}", "headers": {"Sec-Fetch-Site": "cross-site"}},
        {"body": f"token={mallory.get('/account').fields('/account/sign-out-others')['token']}", "headers": {}},
        {"body": f"token={jane.fields('/sign-out')['token']}", "headers": {}},  # of another form
    ]
    for attempt in forged:
        jane.send("/account/sign-out-others", **attempt)
        assert jane.status == 403, (attempt, jane.status)
    jane.send("/account/sign-out-others", f"token={tokens['token']}")
    assert jane.status == 303


def test_a_session_is_never_one_that_somebody_else_chose(site):
    Visitor(site).sign_up("jane@example.net")
    jane = Visitor(site)
    jane.cookies = {"session": "0" * 32, "visitor": "chosen-by-mallory"}
    jane.sign_in("jane@example.net")
    assert jane.status == 303 and jane.cookies["session"] != "0" * 32
    before = jane.cookies["session"]
    jane.sign_in("jane@example.net")
    assert jane.cookies["session"] != before
    session = [c for c in jane.headers.get_all("Set-Cookie") if c.startswith("session=")][0]
    assert "HttpOnly" in session and "SameSite=Lax" in session
    # Nor one that Mallory has, half or whole: it stays his, and is not made hers.
    mallory = Visitor(site)
    mallory.sign_up("mallory@example.net")
    victim = Visitor(site)
    victim.cookies = {"session": mallory.cookies["session"]}
    victim.sign_in("jane@example.net")
    assert victim.cookies["session"] != mallory.cookies["session"]
    assert "mallory@example.net" in mallory.get("/account").text and "jane@example.net" in victim.get("/account").text
    # And who signs out leaves nothing that is good.
    old = dict(victim.cookies)
    victim.post("/sign-out")
    assert victim.status == 303 and "session" not in victim.cookies
    victim.cookies = old
    assert victim.get("/account").status == 303


def test_mark_up_is_text_wherever_it_is_put(site):
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    jane = Visitor(site)
    jane.get("/sign-in").post("/sign-in", email=evil, password=evil, next=evil)
    assert "<script>alert" not in jane.text and "<img" not in jane.text and "&lt;script&gt;" in jane.text
    jane.sign_up("jane@example.net")
    jane.request("GET", "/sign-in?next=" + "%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script>alert" not in jane.text
    agent = Visitor(site)
    agent.get("/sign-in").post("/sign-in", email="jane@example.net", password=PASSWORD, headers={"User-Agent": evil})
    assert agent.status == 303
    agent.get("/account")
    assert "<script>alert" not in agent.text and "<img src=x" not in agent.text and "&lt;img" in agent.text


def test_nobody_is_sent_elsewhere(site):
    Visitor(site).sign_up("jane@example.net")
    for elsewhere in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)",
                      "/account\r\nX-Evil: 1", "/\t/evil.example"):
        jane = Visitor(site)
        jane.get("/sign-in").post("/sign-in", email="jane@example.net", password=PASSWORD, next=elsewhere)
        assert jane.status == 303 and jane.headers["Location"] == "/" and "X-Evil" not in jane.headers, elsewhere


def test_the_account_of_another_is_out_of_reach(site):
    jane, mallory = Visitor(site), Visitor(site)
    link = jane.sign_up("jane@example.net")
    mallory.sign_up("mallory@example.net")
    assert mallory.get(link).status == 404  # used up
    jane.get("/account")
    other = Visitor(site).sign_in("jane@example.net")
    number = re.search(r"/account/sessions/(\d+)/end", jane.get("/account").text).group(1)
    # A session's number is no secret; whose it is counts.
    mallory.get("/account")
    path = f"/account/sessions/{number}/end"
    mallory.send(path, "token=" + mallory.fields("/account/sign-out-others")["token"])
    assert mallory.status == 403
    assert other.get("/account").status == 200
    assert Visitor(site).get("/account").status == 303


@pytest.mark.quiet
def test_who_has_an_account_cannot_be_found_out(site):
    jane = Visitor(site)
    jane.sign_up("jane@example.net")
    answers, times = {}, {"jane@example.net": [], "nobody@example.net": []}
    for email in ("jane@example.net", "nobody@example.net"):
        stranger = Visitor(site, "127.0.0.9")
        stranger.sign_in(email, "wrong password")
        answers[email] = (stranger.status, re.sub(r'(token" value|email" type.*? value)="[^"]*"', "", stranger.text))
    assert len(set(answers.values())) == 1
    for turn in range(24):
        for email in sorted(times):
            stranger = Visitor(site, f"127.0.1.{turn + 1}")
            stranger.get("/sign-in")
            began = time.perf_counter()
            stranger.post("/sign-in", email=email, password="wrong password")
            times[email].append(time.perf_counter() - began)
            assert stranger.status == 422
    medians = {email: statistics.median(taken) for email, taken in times.items()}
    slow, fast = max(medians.values()), min(medians.values())
    assert slow < 1.35 * fast + 0.002, medians
    # And neither does the form for a new password tell.
    pages = set()
    for email in ("jane@example.net", "nobody@example.net"):
        for path in ("/lost-password", "/sign-up"):
            stranger = Visitor(site, "127.0.0.11").ask_link(email, path)
            assert stranger.status == 200
            pages.add(stranger.text.replace(email, "EMAIL"))
    assert len(pages) == 1
    # Nor does the mail, by its length, to who sees it go by.
    lengths = [len(text) for to, _, text in site.mails(5) if to == "jane@example.net"][1:] + \
              [len(text) for to, _, text in site.mails(5) if to == "nobody@example.net"]
    assert max(lengths) - min(lengths) < 16, lengths


def test_guessing_is_held_up_and_the_owner_is_not(site):
    jane = Visitor(site)
    jane.sign_up("jane@example.net")
    jane.get("/account").post("/sign-out")
    mallory = Visitor(site)  # from the same network even
    statuses = [mallory.sign_in("jane@example.net", f"guess number {i}").status for i in range(12)]
    assert statuses[:5] == [422] * 5 and statuses.count(429) >= 5, statuses
    assert mallory.sign_in("jane@example.net").status == 429  # the right password, from there, has to wait as well
    assert jane.sign_in("jane@example.net").status == 303  # the browser that knows her


def test_what_is_dangerous_is_asked_for_twice(site):
    jane = Visitor(site)
    jane.sign_up("jane@example.net")
    assert jane.get("/account/remove").status == 200  # she has just chosen her password
    page = jane.text
    site.change("UPDATE account_session SET confirmed_at = confirmed_at - 300000000")
    for path in ("/account/remove", "/account/totp", "/account/passkeys/add", "/account/passkeys/1/end"):
        assert jane.get(path).status == 303 and jane.headers["Location"] == "/account/confirm?next=" + path.replace("/", "%2F")
    jane.text = page
    assert jane.post("/account/remove").status == 303  # with a form that was open all the while
    assert jane.headers["Location"] == "/account/confirm?next=%2Faccount%2Fremove"
    assert jane.get("/account").status == 200
    jane.get("/account/confirm?next=%2Faccount%2Fremove")
    assert jane.post("/account/confirm", secret="wrong password").status == 422 and "neither your password" in jane.text
    assert jane.post("/account/confirm", secret=PASSWORD, next="https://evil.example/").headers["Location"] == "/"
    site.change("UPDATE account_session SET confirmed_at = NULL")
    jane.get("/account/confirm?next=%2Faccount%2Fremove")
    jane.post("/account/confirm", secret=PASSWORD)
    assert jane.status == 303 and jane.headers["Location"] == "/account/remove"
    jane.get("/account/remove").post("/account/remove")
    assert jane.status == 303 and jane.get("/account").status == 303
    assert Visitor(site).sign_in("jane@example.net").status == 422
    assert site.read("SELECT count(*) FROM account") == [(0,)]


def test_who_found_an_open_browser_guesses_a_few_times_only(site):
    jane = Visitor(site)
    jane.sign_up("jane@example.net")
    site.change("UPDATE account_session SET confirmed_at = NULL")
    jane.get("/account/confirm")
    for i in range(8):
        assert jane.post("/account/confirm", secret=f"guess number {i}").status == 422
    assert "too many" in jane.text
    assert jane.post("/account/confirm", secret=PASSWORD).status == 422  # the right one has to wait as well
    assert jane.get("/account/remove").status == 303
    assert Visitor(site).sign_in("jane@example.net").status == 303  # and nobody who signs in waits for that


def test_behind_a_proxy_clients_are_told_apart_and_nobody_else_says_where_he_is(account_site):
    site = account_site(proxy="127.0.5.1")
    Visitor(site).sign_up("jane@example.net")

    def guess(source, client, i):
        visitor = Visitor(site, source)
        return visitor.get("/sign-in").post("/sign-in", email="jane@example.net", password=f"guess number {i}",
                                            headers={"X-Forwarded-For": client}).status

    # Through the proxy, each client is held up by itself, whatever he says was before him.
    statuses = [guess("127.0.5.1", f"192.0.2.{i}, 198.51.100.7", i) for i in range(9)]
    assert statuses[:5] == [422] * 5 and 429 in statuses, statuses
    assert guess("127.0.5.1", "198.51.100.8", 8) == 422
    # Past the proxy, who makes up an address of another is held up like anybody.
    statuses = [guess("127.0.5.2", f"203.0.113.{i}", i) for i in range(8)]
    assert statuses[:5] == [422] * 5 and 429 in statuses, statuses
    owner = Visitor(site, "127.0.5.1")
    owner.get("/sign-in").post("/sign-in", email="jane@example.net", password=PASSWORD,
                               headers={"X-Forwarded-For": "198.51.100.9"})
    assert owner.status == 303
    assert site.read("SELECT address FROM account_session ORDER BY number DESC LIMIT 1") == [("198.51.100.9",)]


def test_nobody_is_bombed_with_mail(site):
    """Whoever asks, from wherever, by whichever form; and the owner's browser has its link nevertheless."""
    jane = Visitor(site)
    jane.sign_up("jane@example.net")
    jane.get("/account").post("/sign-out")
    for i in range(25):
        mallory = Visitor(site, f"127.0.2.{i + 1}")
        assert mallory.ask_link("jane@example.net", "/lost-password" if i % 2 else "/sign-up").status == 200
    for _ in range(6):
        assert Visitor(site, "127.0.2.200").ask_link("victim@example.net").status == 200
    assert Visitor(site, "127.0.2.200").ask_link("last@example.net").status == 200
    site.link("last@example.net")  # what is sent is sent in order
    sent = [to for to, _, _ in site.mails(0)]
    assert sent.count("jane@example.net") == 10 and sent.count("victim@example.net") == 3
    assert jane.ask_link("jane@example.net", "/lost-password").status == 200
    link = site.link("jane@example.net", 11)
    assert jane.get(link).post(link, password="another long password").status == 303


def test_no_header_of_a_mail_is_written_by_strangers(site):
    mallory = Visitor(site)
    for email in ("victim@example.net\r\nBcc: other@example.net", "a@example.net, b@example.net", "<a@example.net>",
                  "a@example.net\n\nhello"):
        assert mallory.ask_link(email).status == 422, email
    assert site.room.taken == []
    # Nor does a link lead where a header says.
    mallory.ask_link("victim@example.net", headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example",
                                                    "X-Forwarded-Proto": "gopher"})
    assert mallory.status == 200 and "evil" not in mallory.text
    _, _, text = site.mails(1)[0]
    assert "evil" not in text and "gopher" not in text and f"{site.origin}/link/" in text


def test_paths_and_bodies_are_bounded(site):
    visitor = Visitor(site)
    assert visitor.get("/assets/site.css").status == 200
    for path in ("/assets/../../../etc/passwd", "/assets/%2e%2e/%2e%2e/etc/passwd", "/assets/..%2fkey", "/link/%00",
                 "/assets/../key", "/assets/..%5ckey", "/assets/%252e%252e%252fkey", "/assets//key", "/assets/",
                 "/assets", "/assets/./site.css", "/assets/site.css/..", "/assets/site.css%00.js", "/assets/_note.mustache",
                 "/assets/layout.mustache", "/assets/accounts.db", "//assets/site.css", "/assets/%c0%ae%c0%ae/key"):
        assert visitor.get(path).status in (400, 404), path
    visitor.get("/sign-in")
    assert visitor.send("/sign-in", "a=" + "x" * (17 << 10)).status == 413
    assert visitor.send("/sign-in", "&".join(f"a{i}=1" for i in range(300))).status == 400
    assert visitor.get("/" + "a" * 20000).status in (400, 414, 431)
    # What announces nothing is counted as it comes, and a path that takes nothing takes nothing.
    with socket.create_connection(("127.0.0.1", site.port)) as chunked:
        chunked.settimeout(20)
        chunked.sendall(b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            for _ in range(2000):
                chunked.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")
        except OSError:
            pass  # it was ended
        else:
            raise AssertionError("eight million octets were taken")
    for path in ("/sign-in/passkey/options", "/assets/site.css"):
        assert visitor.request("GET", path, "x" * 100).status == 413, path
    for path in ("/sign-in/passkey", "/factor/passkey", "/account/passkeys/add"):
        assert visitor.send(path, "answer=" + "x" * (40 << 10)).status == 413, path
    assert visitor.get("/sign-in").status == 200


@pytest.mark.quiet
@pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])
def test_five_thousand_half_requests_keep_nobody_out(account_site, tmp_path, secure):
    import resource

    site = account_site(certificate=certificate_in(tmp_path) if secure else None)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 12000), hard))
    half = []
    try:
        for i in range(5000):
            connection = socket.socket()
            connection.bind((f"127.0.{3 + i // 250}.{1 + i % 250}", 0))
            connection.connect(("127.0.0.1", site.port))
            # Over TLS, the first octets of a handshake that never comes.
            connection.sendall(b"\x16\x03\x01" if secure else b"GET /sign-in HTTP/1.1\r\nHost: x\r\nX-Slow: ")
            half.append(connection)
        times = []
        for _ in range(50):
            visitor = Visitor(site)
            began = time.perf_counter()
            assert visitor.get("/sign-in").status == 200
            times.append(time.perf_counter() - began)
        assert statistics.median(times) < 0.1, times
    finally:
        for connection in half:
            connection.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
