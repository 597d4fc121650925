/* The bank's service worker: it keeps the shell (style, script, mark, the page for "no network") and nothing else.
   Pages, statements and answers are never stored; without network people are told so. */
"use strict";
var NAME = "shell-{{ version|escapejs }}";
var SHELL = [{% for one in shell %}"{{ one|escapejs }}"{% if not forloop.last %}, {% endif %}{% endfor %}];

self.addEventListener("install", function (event) {
  event.waitUntil(caches.open(NAME).then(function (kept) { return kept.addAll(SHELL); }).then(function () { return self.skipWaiting(); }));
});

self.addEventListener("activate", function (event) {
  event.waitUntil(caches.keys().then(function (names) {
    return Promise.all(names.filter(function (one) { return one !== NAME; }).map(function (one) { return caches.delete(one); }));
  }).then(function () { return self.clients.claim(); }));
});

self.addEventListener("fetch", function (event) {
  var asked = event.request;
  if (asked.method !== "GET" || new URL(asked.url).origin !== self.location.origin) { return; }
  if (asked.mode === "navigate") {
    event.respondWith(fetch(asked).catch(function () { return caches.match("/offline/"); }));
    return;
  }
  if (SHELL.indexOf(new URL(asked.url).pathname) >= 0) {
    event.respondWith(fetch(asked).catch(function () { return caches.match(asked, { ignoreSearch: true }); }));
  }
});
