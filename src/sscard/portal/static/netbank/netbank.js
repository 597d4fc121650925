/* Comfort of the bank's site: the service worker, and the offer to put the page on the phone's screen. */
(function () {
  "use strict";
  if ("serviceWorker" in navigator) { navigator.serviceWorker.register("/worker.js").catch(function () { /* the pages work without it */ }); }

  var offer = document.querySelector("[data-install]");
  if (offer) {
    window.addEventListener("beforeinstallprompt", function (event) {
      event.preventDefault();
      offer.hidden = false;
      offer.addEventListener("click", function () { event.prompt(); offer.hidden = true; }, { once: true });
    });
  }
}());
