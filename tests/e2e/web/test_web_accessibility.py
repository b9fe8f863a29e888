"""The pages of accounts are for everybody, and the checks of that can fail."""

from accessibility import faults_in, faults_of_keyboard, faults_of_markup
from selenium.webdriver.common.by import By
from test_web_accounts import PASSWORD, totp
from tour import Tour, fill, wait_for


def test_the_pages_of_accounts_are_for_everybody(account_site, chromium, tmp_path):
    site, tour, faults = account_site(waiting=1, bits=8), Tour(chromium, tmp_path / "pictures"), []

    def look(name):
        tour.look(name)
        sent = chromium.execute_async_script("const done = arguments[0]; fetch(location.href).then(a => a.text()).then(done)")
        faults.extend(f"{name}: {fault}" for fault in faults_of_markup(sent))

    for path, name in (("/sign-in", "sign-in"), ("/lost-password", "lost-password"), ("/nowhere", "not-found"), ("/sign-up", "sign-up")):
        chromium.get(site.origin + path)
        look(name)
    wait_for(chromium, lambda browser: browser.find_elements(By.CSS_SELECTOR, "input[data-worked]"))
    fill(chromium, email="jane@example.net")
    look("sent")
    chromium.get(site.origin + site.link("jane@example.net"))
    look("link")
    fill(chromium, password="12345678")
    look("link-wrong")
    fill(chromium, password=PASSWORD)
    look("account")
    chromium.get(site.origin + "/account/totp")
    look("totp")
    secret = chromium.find_element(By.CSS_SELECTOR, "main p code").text
    fill(chromium, code="000000")
    look("totp-wrong")
    fill(chromium, code=totp(secret))
    look("codes")
    chromium.get(site.origin + "/account")
    look("account-factor")
    chromium.find_element(By.CSS_SELECTOR, "header form button").click()
    wait_for(chromium, lambda browser: "Sign in" in browser.title)
    fill(chromium, email="jane@example.net", password="wrong")
    look("sign-in-wrong")
    fill(chromium, email="jane@example.net", password=PASSWORD)
    look("factor")
    assert tour.faults + faults == [], "\n".join(tour.faults + faults)


def test_a_fault_of_a_page_is_found(pages, chromium):
    """The checks can fail: a page with each fault once."""
    bad = """<!doctype html><html><head><title></title></head><body><h1>One</h1><h3>Three</h3><p id="a">x</p><p id="a">y</p>
      <input name="b"><button></button><p style="color:#999;background:#fff">pale</p><img src="data:,">
      <a href="/1" style="display:inline-block;width:9px;height:9px">1</a><a href="/2" style="display:inline-block;width:9px;height:9px">2</a>
      <button tabindex="3">x</button><div style="width:3000px">wide</div></body></html>"""
    chromium.get(pages({"/": ("text/html", bad)}) + "/")
    faults = "\n".join(faults_in(chromium))
    for words in ("no language", "no title", "order too low", "there twice", "has no label", "button has no name", "contrast is",
                  "picture has no text", "pixels, and others are near", "forced", "wider than the window", "no main", "no banner"):
        assert words in faults, (words, faults)
    assert "instead of" in "\n".join(faults_of_keyboard(chromium))
    assert faults_of_markup("<!doctype html><p><div></p><b></i>") != []
