/* The kiosk's comfort: the number pad on the screen, and the card slot's "card is out" (the Eject key) as leaving. */
(function () {
  "use strict";

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Eject") { return; }
    event.preventDefault();
    location.replace("/terminal/leave/");
  });

  var pad = document.querySelector("[data-keypad]");
  var field = pad && document.getElementById(pad.dataset.keypad);
  if (!field) { return; }
  pad.hidden = false;
  pad.addEventListener("click", function (event) {
    var key = event.target.closest("[data-press]");
    if (!key) { return; }
    var press = key.dataset.press;
    if (press === "clear") { field.value = ""; }
    else if (press === "back") { field.value = field.value.slice(0, -1); }
    else if (field.maxLength < 1 || field.value.length < field.maxLength) { field.value += press; }
  });
}());
