/* Passkeys: the form's question goes to the browser's authenticator, its answer goes back with the form.
   Without this script or without an authenticator the page says that password and one-time code stay. */
(function () {
  "use strict";

  var form = document.querySelector("[data-passkey]");
  if (!form || !window.PublicKeyCredential || !navigator.credentials) { return; }
  var button = form.querySelector("[data-passkey-button]");
  var said = form.querySelector("[data-passkey-said]");
  button.hidden = false;
  form.querySelector("[data-passkey-without]").hidden = true;

  var bytes = function (text) {
    var plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, function (one) { return one.charCodeAt(0); });
  };
  var text = function (buffer) {
    var plain = Array.from(new Uint8Array(buffer), function (one) { return String.fromCharCode(one); }).join("");
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };
  var identified = function (list) {
    return (list || []).map(function (one) { return Object.assign({}, one, { id: bytes(one.id) }); });
  };

  var ask = function () {
    var options = JSON.parse(form.dataset.options);
    options.challenge = bytes(options.challenge);
    if (form.dataset.passkey === "create") {
      options.user.id = bytes(options.user.id);
      options.excludeCredentials = identified(options.excludeCredentials);
      return navigator.credentials.create({ publicKey: options });
    }
    options.allowCredentials = identified(options.allowCredentials);
    return navigator.credentials.get({ publicKey: options });
  };

  var told = function (found) {
    var response = { clientDataJSON: text(found.response.clientDataJSON) };
    ["attestationObject", "authenticatorData", "signature", "userHandle"].forEach(function (name) {
      if (found.response[name]) { response[name] = text(found.response[name]); }
    });
    return JSON.stringify({
      id: found.id, rawId: text(found.rawId), type: found.type, response: response, clientExtensionResults: {}
    });
  };

  form.addEventListener("submit", function (event) {
    if (form.elements.answer.value) { return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    said.hidden = true;
    button.disabled = true;
    ask().then(function (found) {
      form.elements.answer.value = told(found);
      button.disabled = false;
      form.requestSubmit(button);
    }).catch(function () {
      said.textContent = form.dataset.failed;
      said.hidden = false;
      button.disabled = false;
    });
  });
}());
