"""Looks at a page in the browser for what shuts people out (WCAG 2.2 A and AA, as far as a program can see it).

`faults_in(chromium)` gives sentences, none if all is well. Names and roles are those that the browser itself tells to
screen readers; colours and sizes are those that it computed. `faults_of_keyboard(chromium)` goes through the page by Tab.
`faults_of_markup(text)` reads HTML strictly."""

import html5lib

# Roles of what people act on, each of which needs a name.
CONTROLS = {"button", "link", "textbox", "searchbox", "combobox", "checkbox", "radio", "listbox", "spinbutton", "slider",
            "switch", "menuitem", "tab", "PopUpButton", "DisclosureTriangle"}
LANDMARKS = {"banner", "main", "contentinfo", "navigation"}

LOOK = r"""
const faults = [];
const say = (what, element) => faults.push(what + (element ? ": " + element.outerHTML.slice(0, 160) : ""));
const shown = element => element.checkVisibility({visibilityProperty: true}) && element.getClientRects().length > 0;
const away = element => { const box = element.getBoundingClientRect(); return box.width <= 1 || box.right < 0; };

if (!/^[a-z]{2}(-|$)/.test(document.documentElement.lang)) say("the page says no language");
if (!document.title.trim()) say("the page has no title");
if (document.documentElement.scrollWidth > document.documentElement.clientWidth) say("the page is wider than the window");

const headings = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter(shown);
if (headings.filter(h => h.tagName === "H1").length !== 1) say("there is not one heading of the first order");
let level = 0;
for (const heading of headings) {
  const now = Number(heading.tagName[1]);
  if (now > level + 1) say("a heading is of an order too low", heading);
  if (!heading.textContent.trim()) say("a heading is empty", heading);
  level = now;
}

const ids = new Set();
for (const element of document.querySelectorAll("[id]")) {
  if (ids.has(element.id)) say("an id is there twice", element);
  ids.add(element.id);
}
for (const name of ["for", "aria-describedby", "aria-labelledby", "aria-controls"])
  for (const element of document.querySelectorAll(`[${name}]`))
    for (const id of element.getAttribute(name).split(/\s+/))
      if (!ids.has(id)) say(`${name} names ${id}, which is not there`, element);

for (const field of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
  if (shown(field) && !field.labels.length && !field.ariaLabel && !field.hasAttribute("aria-labelledby"))
    say("a field has no label", field);
for (const field of document.querySelectorAll("[aria-invalid]"))
  if (!field.getAttribute("aria-describedby")) say("a field that is wrong does not say why", field);
for (const image of document.querySelectorAll("img:not([alt])")) say("a picture has no text", image);
for (const picture of document.querySelectorAll("svg"))
  if (!picture.closest("[aria-hidden=true]") && !picture.querySelector("title") && !picture.ariaLabel && !picture.closest("[role=img][aria-label]"))
    say("a picture has no text", picture);
for (const element of document.querySelectorAll("[tabindex]"))
  if (element.tabIndex > 0) say("the order of Tab is forced", element);
for (const cell of document.querySelectorAll("th:not([scope])")) say("a head of a table has no scope", cell);
for (const link of document.querySelectorAll("[style], script:not([src]), [onclick], [onload], [onsubmit]"))
  say("script or style stands within the page", link);

// What scrolls must be in reach of the keyboard.
for (const element of document.querySelectorAll("body *"))
  if (/auto|scroll/.test(getComputedStyle(element).overflowX) && element.scrollWidth > element.clientWidth + 1 &&
      element.tabIndex < 0 && !/^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName))
    say("what scrolls cannot be reached by keyboard", element);

// Text that sticks to the border of its box, as where two rules of the style meet.
const texts = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) if (walk.currentNode.data.trim()) texts.push(walk.currentNode);
for (const text of texts) {
  if (!text.parentElement.checkVisibility() || away(text.parentElement) || text.parentElement.matches("textarea, option")) continue;
  const range = document.createRange();
  range.selectNodeContents(text);
  for (let box = text.parentElement; box !== document.body; box = box.parentElement) {
    const border = parseFloat(getComputedStyle(box).borderLeftWidth);
    if (border > 0 && range.getBoundingClientRect().left < box.getBoundingClientRect().left + border + 3)
      say("a text sticks to the border of its box", text.parentElement);
  }
}

// Contrast (WCAG 1.4.3), of each text against what lies behind it.
const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
const colour = text => {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = text;
  canvas.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
  return [r, g, b, a / 255];
};
const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
const behind = element => {
  const layers = [];
  for (let e = element; e; e = e.parentElement) layers.push(colour(getComputedStyle(e).backgroundColor));
  return layers.reverse().reduce((below, top) => over(top, below), colour("Canvas"));
};
const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
  .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const contrast = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
const seen = new Set();
const fields = [...document.querySelectorAll("input:not([type=hidden]):not([type=checkbox]):not([type=radio]), textarea, select")];
for (const text of texts) seen.add(text.parentElement);
for (const element of [...seen, ...fields]) {
  if (!shown(element) || away(element) || element.closest("option, script, [disabled]")) continue;
  const style = getComputedStyle(element), size = parseFloat(style.fontSize);
  const big = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
  const ground = behind(element), ratio = contrast(over(colour(style.color), ground), ground);
  if (ratio < (big ? 3 : 4.5)) say(`the contrast is ${ratio.toFixed(2)}`, element);
}
// The border of a field (WCAG 1.4.11).
for (const field of fields) {
  if (!shown(field)) continue;
  const ground = behind(field.parentElement), ratio = contrast(over(colour(getComputedStyle(field).borderTopColor), ground), ground);
  if (ratio < 3) say(`the contrast of a field's border is ${ratio.toFixed(2)}`, field);
}

// Size of targets (WCAG 2.5.8): 24 pixels, but for links within a sentence and those with room around them.
const targets = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
  .filter(e => shown(e) && !away(e));
const boxes = targets.map(e => (e.labels?.[0]?.contains(e) ? e.labels[0] : e).getBoundingClientRect());
targets.forEach((target, i) => {
  const box = boxes[i];
  if (box.width >= 24 && box.height >= 24) return;
  const within = getComputedStyle(target).display === "inline" &&
    [...target.parentElement.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const x = box.x + box.width / 2, y = box.y + box.height / 2;
  const crowded = boxes.some((other, j) => j !== i && !target.contains(targets[j]) && !targets[j].contains(target) &&
    Math.hypot(Math.max(other.left - x, 0, x - other.right), Math.max(other.top - y, 0, y - other.bottom)) < 12);
  if (!within && crowded) say(`a target is ${box.width.toFixed(0)} by ${box.height.toFixed(0)} pixels, and others are near`, target);
});
return faults;
"""

FOCUS = r"""
const focusable = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]")]
  .filter(e => !e.disabled && e.tabIndex >= 0 && e.checkVisibility({visibilityProperty: true}) && !(e.type === "radio" && !e.checked));
document.body.tabIndex = -1;  // to begin at the beginning
document.body.focus();
document.body.removeAttribute("tabindex");
window.zwFocusable = focusable;
return focusable.length;
"""

FOCUSED = r"""
const element = document.activeElement, style = getComputedStyle(element), box = element.getBoundingClientRect();
return [window.zwFocusable.indexOf(element), element.outerHTML.slice(0, 160),
        style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
        box.bottom > 0 && box.top < innerHeight && box.right > 0];
"""


def faults_in(chromium):
    faults = chromium.execute_script(LOOK)
    chromium.execute_cdp_cmd("Accessibility.enable", {})
    nodes = [node for node in chromium.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"] if not node.get("ignored")]
    roles = [node["role"]["value"] for node in nodes]
    for role in sorted(LANDMARKS):
        if role not in roles:
            faults.append(f"there is no {role}")
    if roles.count("main") > 1:
        faults.append("there are several mains")
    for node, role in zip(nodes, roles):
        name = node.get("name", {}).get("value", "").strip()
        if role in CONTROLS | {"region", "table", "group"} - {"table"} and not name:
            faults.append(f"a {role} has no name")
    names = [node["name"]["value"] for node, role in zip(nodes, roles) if role == "navigation"]
    if len(set(names)) < len(names):
        faults.append(f"navigations have the same name: {names}")
    return faults


def faults_of_keyboard(chromium):
    """Tab reaches everything that can be acted on, in order, and one sees where one is."""
    from selenium.webdriver.common.keys import Keys

    faults, count = [], chromium.execute_script(FOCUS)
    for expected in range(count):
        chromium.switch_to.active_element.send_keys(Keys.TAB)
        at, element, outlined, inside = chromium.execute_script(FOCUSED)
        if at != expected:
            return [*faults, f"Tab went to number {at} instead of {expected} of {count}: {element}"]
        if not outlined:
            faults.append(f"one does not see the focus: {element}")
        if not inside:
            faults.append(f"what has the focus is out of sight: {element}")
    return faults


def faults_of_markup(text):
    """What a strict parser of HTML says (WHATWG, Parsing)."""
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(text)
    lines = text.splitlines()
    return [f"line {line}: {code} {more}: {lines[line - 1][:160] if 0 < line <= len(lines) else ''}"
            for (line, _), code, more in parser.errors]
