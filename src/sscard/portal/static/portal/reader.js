/* Buttons for the reader service of this machine. The page says which step; the service asks the house what for, the card
   answers, and the digits are typed at the service. What comes back here is a state and a sentence. */
(function () {
  "use strict";

  var lang = document.documentElement.lang.indexOf("zh") === 0 ? "zh" : "en";
  Array.prototype.forEach.call(document.querySelectorAll("[data-reader]"), function (box) {
    var buttons = Array.prototype.slice.call(box.querySelectorAll("[data-order]"));
    var said = box.querySelector("[data-said]");
    var asleep = function (yes) { buttons.forEach(function (one) { one.disabled = yes; }); };
    box.hidden = false;
    buttons.forEach(function (button) {
      button.addEventListener("click", function () {
        asleep(true);
        said.textContent = button.textContent + " …";
        fetch(box.dataset.reader, {
          method: "POST", mode: "cors", credentials: "omit", headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ session: box.dataset.session, ticket: box.dataset.ticket, order: button.dataset.order })
        }).then(function (answer) { return answer.json(); }).then(function (told) {
          said.textContent = told.state === "done" ? "✓ " + button.textContent
            : [told.sentence[lang], told.next[lang]].join(" ").trim();
        }).catch(function () { said.textContent = box.dataset.silent; }).then(function () { asleep(false); });
      });
    });
  });
}());
