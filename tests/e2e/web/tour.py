"""A way through pages in the browser: each is looked at wide, on a phone and in the dark, for faults and for pictures.

The pictures are in the folder that is given, or where ZW_PICTURES says."""

import base64
import os
from pathlib import Path

from accessibility import faults_in, faults_of_keyboard
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

LOOKS = ((1100, "light", "wide"), (320, "light", "phone"), (1100, "dark", "dark"), (320, "dark", "phone-dark"))


class Tour:
    def __init__(self, chromium, folder):
        self.chromium, self.folder, self.faults = chromium, Path(os.environ.get("ZW_PICTURES", folder)), []
        self.folder.mkdir(parents=True, exist_ok=True)

    def look(self, name):
        """All looks of the page that is open."""
        browser = self.chromium
        for width, scheme, what in LOOKS:
            browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
            browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                    {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500})
            self.faults += [f"{name}, {what}: {fault}" for fault in faults_in(browser)]
            picture = browser.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
            (self.folder / f"{name}-{what}.png").write_bytes(base64.b64decode(picture["data"]))
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        self.faults += [f"{name}: {fault}" for fault in faults_of_keyboard(browser)]


def wait_for(chromium, condition):
    WebDriverWait(chromium, 60).until(condition)


def fill(chromium, form="main form.fields", **fields):
    for name, value in fields.items():
        box = chromium.find_element(By.CSS_SELECTOR, f"{form} [name={name}]")
        if box.tag_name == "select":
            box.find_element(By.CSS_SELECTOR, f"option[value='{value}']").click()
        else:
            box.clear()
            box.send_keys(value)
    before = chromium.find_element(By.TAG_NAME, "html")
    chromium.find_element(By.CSS_SELECTOR, f"{form} button:not([type=button])").click()
    wait_for(chromium, lambda browser: browser.find_element(By.TAG_NAME, "html") != before)
