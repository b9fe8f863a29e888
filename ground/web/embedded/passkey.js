// Asks the browser for a passkey where a form wants one, and sends what it says.
//
// A form: data-passkey is `create` or `get`, data-options where its options are; it has the fields `challenge` and
// `answer`. Where there is no script, or no passkeys, its button stays hidden and its hint says so.
"use strict";
(() => {
  const octets = text => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), c => c.charCodeAt(0));
  const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

  // parse…OptionsFromJSON() and toJSON() do the same, in newer browsers.
  function readOptions(options) {
    options.challenge = octets(options.challenge);
    if (options.user) options.user.id = octets(options.user.id);
    for (const list of [options.allowCredentials, options.excludeCredentials])
      for (const known of list || []) known.id = octets(known.id);
    return options;
  }
  function writeCredential(made) {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
      if (made.response[name]) response[name] = text(made.response[name]);
    if (made.response.getTransports) response.transports = made.response.getTransports();
    return JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response });
  }

  async function ask(form) {
    const answer = await fetch(form.dataset.options, { credentials: "same-origin", redirect: "error" });
    const options = await answer.json();
    if (!answer.ok) throw new Error(options.what);
    form.elements.challenge.value = options.challenge;
    const made = await navigator.credentials[form.dataset.passkey]({ publicKey: readOptions(options) });
    form.elements.answer.value = writeCredential(made);
  }

  const words = error => ({
    NotAllowedError: "Nothing was sent: it was broken off, took too long, or there is no passkey for this site here.",
    InvalidStateError: "This device has a passkey for your account already.",
    SecurityError: "This browser takes no passkeys from this address.",
  })[error.name] || "This did not work: " + error.message;

  document.querySelectorAll("form[data-passkey]").forEach(form => {
    if (!window.PublicKeyCredential) return;
    const button = form.querySelector("[data-passkey-button]"), problem = form.querySelector("[data-passkey-problem]");
    button.hidden = button.disabled = false;
    form.querySelector("[data-passkey-absent]").hidden = true;
    form.addEventListener("submit", event => {
      event.preventDefault();
      button.disabled = true;
      problem.hidden = true;
      ask(form).then(() => form.submit(), error => {
        problem.textContent = words(error);
        problem.hidden = false;
        button.disabled = false;
      });
    });
  });
})();
