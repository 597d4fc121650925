/* The phone page: a fresh code before the old one ends, without a flicker, and the seconds that are left.
   A scanner types: the field for the code takes what comes, Enter sends it. */
(function () {
  "use strict";
  var AHEAD_S = 6;
  var card = document.querySelector("[data-ecard]");
  if (card && window.fetch && window.crypto && crypto.randomUUID) {
    var form = card.querySelector("[data-ecard-form]");
    var room = card.querySelector("[data-ecard-code]");
    var button = form.querySelector("[data-again]");
    var said = card.querySelector("[data-ecard-said]");
    var ends = 0, asking = false, wait = 0;

    var take = function () {
      var part = room.querySelector("[data-seconds]");
      ends = part ? Date.now() + Number(part.dataset.seconds) * 1000 : 0;
      card.classList.remove("ecard-late");
    };

    var ask = function () {
      if (asking || document.hidden || Date.now() < wait) { return; }
      asking = true;
      form.elements.key.value = crypto.randomUUID();
      fetch(form.action, { method: "POST", body: new FormData(form), credentials: "same-origin", headers: { "X-Fragment": "1" } })
        .then(function (answer) {
          if (answer.status === 403 || answer.redirected) { location.assign("/my/ecard/"); throw new Error("closed"); }
          if (!answer.ok) { throw new Error("no code"); }
          return answer.text();
        })
        .then(function (text) {
          var found = new DOMParser().parseFromString(text, "text/html");
          room.replaceChildren.apply(room, Array.prototype.slice.call(found.body.childNodes));
          said.textContent = "";
          button.textContent = button.dataset.again;
          take();
        })
        .catch(function () { said.textContent = said.dataset.failed; wait = Date.now() + 5000; })
        .then(function () { asking = false; });
    };

    form.addEventListener("submit", function (event) { event.preventDefault(); event.stopPropagation(); wait = 0; ask(); });
    take();
    setInterval(function () {
      var left = Math.ceil((ends - Date.now()) / 1000);
      var shown = room.querySelector("[data-left]");
      if (shown && left >= 0) { shown.textContent = left; }
      card.classList.toggle("ecard-late", ends > 0 && left <= 0);
      if (left <= AHEAD_S) { ask(); }
    }, 500);
  }

  var code = document.querySelector("form input[name=code]");
  if (code && location.pathname === "/check-card/" && !document.querySelector("[data-focus]")) {
    code.focus();
  }
}());
