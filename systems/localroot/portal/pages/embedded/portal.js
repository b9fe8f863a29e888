// Helps that the pages do without: a button that copies a text, and parts of a page that are looked at again.
"use strict";

for (const block of navigator.clipboard ? document.querySelectorAll("pre[data-copy]") : []) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "plain small";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(block.textContent);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  const place = document.createElement("p");
  place.append(button);
  block.after(place);
}

const part = document.querySelector("[data-fresh]");
let looks = 0;

async function look() {
  if (document.hidden || part.contains(document.activeElement)) return;
  const answer = await fetch(location.pathname + location.search, { credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.getElementById(part.id);
  if (!now || now.dataset.fresh === part.dataset.fresh) return;
  part.replaceChildren(...now.childNodes);
  part.dataset.fresh = now.dataset.fresh;
  document.getElementById("news").textContent = "Something has changed on this page.";
}

if (part) {
  const timer = setInterval(() => {
    if (++looks > 360) clearInterval(timer);
    look().catch(() => {});
  }, 5000);
}
