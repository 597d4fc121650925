/* Comfort for pages that work without it: reveal, copy, filter, live parts, countdown, keys, print.
   Nothing here decides anything; every act is a form that the server judges. */
(function () {
  "use strict";

  var REVEALED_SECONDS = 60;
  var all = function (selector, root) { return Array.prototype.slice.call((root || document).querySelectorAll(selector)); };

  /* After a refused form the reader begins at the list of faults. */
  var first = document.querySelector("[data-focus]");
  if (first) { first.focus(); }

  /* The eye: a recorded read. Without script the form posts and the page comes back with the value shown. */
  document.addEventListener("submit", function (event) {
    var form = event.target.closest("[data-reveal]");
    if (!form || !window.fetch) { return; }
    event.preventDefault();
    var box = form.closest("[data-masked]");
    var value = box.querySelector("[data-value]");
    var said = box.querySelector("[data-said]");
    var button = form.querySelector("button");
    button.disabled = true;
    fetch(form.action, {
      method: "POST", body: new FormData(form), credentials: "same-origin",
      headers: { "Accept": "application/json" }
    }).then(function (answer) {
      if (!answer.ok || (answer.headers.get("Content-Type") || "").indexOf("json") < 0) { throw new Error("not json"); }
      return answer.json();
    }).then(function (found) {
      var hidden = value.textContent;
      value.textContent = found.value;
      said.textContent = found.said || "";
      form.hidden = true;
      setTimeout(function () {
        value.textContent = hidden;
        said.textContent = "";
        form.hidden = false;
        button.disabled = false;
      }, REVEALED_SECONDS * 1000);
    }).catch(function () { form.submit(); });
  });

  /* Double presses: the second one finds the button asleep. The server's idempotency key is the real guard. */
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.method !== "post") { return; }
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(function () { delete form.dataset.sent; }, 8000);
  });

  all("[data-copy]").forEach(function (button) {
    if (!navigator.clipboard) { return; }
    button.hidden = false;
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(button.dataset.copy).then(function () {
        button.classList.add("copied");
        if (button.dataset.copied) { button.textContent = button.dataset.copied; }
      });
    });
  });

  all("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });

  /* A table that is whole on this page is filtered while typing; longer ones ask the server. */
  all("[data-filter]").forEach(function (input) {
    var data = input.closest("[data-table]");
    var rows = all("tbody tr", data);
    var said = data.querySelector("[data-filter-said]");
    input.addEventListener("input", function () {
      var text = input.value.trim().toLocaleLowerCase();
      var shown = 0;
      rows.forEach(function (row) {
        row.hidden = row.textContent.toLocaleLowerCase().indexOf(text) < 0;
        shown += row.hidden ? 0 : 1;
      });
      if (said) { said.textContent = text ? shown + " / " + rows.length : ""; }
    });
  });

  /* Live parts: the same fragment again and again, until it says `data-live-end` or leads on by `data-go`. */
  all("[data-live]").forEach(function (part) {
    var every = Math.max(1000, Number(part.dataset.every) || 2000);
    var last = "";
    var look = function () {
      if (document.hidden) { setTimeout(look, every); return; }
      fetch(part.dataset.live, { credentials: "same-origin", headers: { "Accept": "text/html", "X-Fragment": "1" } })
        .then(function (answer) {
          if (answer.redirected || !answer.ok) { throw new Error("not a fragment"); }
          return answer.text();
        })
        .then(function (text) {
          if (text !== last && !part.contains(document.activeElement)) {
            last = text;
            var found = new DOMParser().parseFromString(text, "text/html");
            part.replaceChildren.apply(part, Array.prototype.slice.call(found.body.childNodes));
          }
          var on = part.querySelector("[data-go]");
          if (on) { location.assign(on.dataset.go); return; }
          if (!part.querySelector("[data-live-end]")) { setTimeout(look, every); }
        })
        .catch(function () { setTimeout(look, every * 3); });
    };
    setTimeout(look, every);
  });

  /* The terminal's countdown: any touch or key begins it anew, its end leaves. */
  all("[data-countdown]").forEach(function (clock) {
    var whole = Number(clock.dataset.countdown);
    var ends = Date.now() + whole * 1000;
    var seconds = clock.querySelector("[data-seconds]");
    var ring = clock.querySelector("[data-ring]");
    ["pointerdown", "keydown"].forEach(function (kind) {
      document.addEventListener(kind, function () { ends = Date.now() + whole * 1000; });
    });
    setInterval(function () {
      var left = Math.max(0, Math.ceil((ends - Date.now()) / 1000));
      seconds.textContent = left;
      if (ring) { ring.setAttribute("stroke-dasharray", (left / whole * 100) + " 100"); }
      clock.classList.toggle("countdown-soon", left <= 10);
      if (left === 0 && clock.dataset.then) { location.replace(clock.dataset.then); }
    }, 1000);
  });

  /* Keys: digits choose and Escape leaves at a terminal; Alt with a letter follows a link marked with data-key. */
  document.addEventListener("keydown", function (event) {
    var typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement ? document.activeElement.tagName : "");
    var target = null;
    if (document.body.classList.contains("terminal") && !typing) {
      if (/^[1-9]$/.test(event.key)) { target = document.querySelector('[data-digit="' + event.key + '"]'); }
      if (event.key === "Escape") { target = document.querySelector("[data-leave]"); }
    }
    if (event.altKey && /^[a-z]$/i.test(event.key)) {
      target = document.querySelector('[data-key="' + event.key.toLowerCase() + '"]');
    }
    if (target) { event.preventDefault(); target.click(); }
  });

  var offline = document.querySelector("[data-offline]");
  if (offline) {
    var show = function () { offline.hidden = navigator.onLine; };
    window.addEventListener("online", show);
    window.addEventListener("offline", show);
    show();
  }
}());
