/* Listens to what changed and lets htmx fetch the parts that show it; nobody's typing is ever thrown away. */
"use strict";
(function () {
  var source = null;
  var sign = document.getElementById("stale");

  function stale(is) {
    if (sign) { sign.hidden = !is; }
  }

  function tell(topics) {
    topics.forEach(function (topic) { document.body.dispatchEvent(new CustomEvent("live-" + topic)); });
  }

  function all() {
    var topics = new Set();
    document.querySelectorAll("[data-live]").forEach(function (part) {
      part.dataset.live.split(" ").forEach(function (topic) { topics.add(topic); });
    });
    tell(Array.from(topics));
  }

  function listen() {
    if (source || document.hidden) { return; }
    var missed = listen.before;
    source = new EventSource("/events");
    source.addEventListener("hello", function () {
      stale(false);
      if (missed) { all(); }
      missed = true;
    });
    source.addEventListener("changed", function (event) { tell(event.data.split(" ")); });
    source.onerror = function () {
      stale(true);
      /* The browser tries again by itself, but not after an answer such as a proxy's 502. */
      if (source && source.readyState === EventSource.CLOSED) {
        source = null;
        setTimeout(listen, 5000);
      }
    };
    listen.before = true;
  }

  function leave() {
    if (source) { source.close(); source = null; }
  }

  /* Browsers keep six connections to one host, so a tab that nobody looks at gives its own back. */
  document.addEventListener("visibilitychange", function () {
    if (document.hidden) { leave(); } else { listen(); }
  });
  window.addEventListener("pagehide", leave);

  /* A part in which somebody is writing or choosing is fetched later. */
  function busy(part) {
    var at = document.activeElement;
    return at && part.contains(at) && /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName);
  }
  document.body.addEventListener("htmx:beforeRequest", function (event) {
    var part = event.detail.elt;
    if (part.dataset.live && busy(part)) {
      event.preventDefault();
      part.addEventListener("focusout", function () { setTimeout(all, 300); }, { once: true });
    }
  });

  /* What is folded out stays so, and what was written stays written. */
  var open = [];
  var written = [];
  document.body.addEventListener("htmx:beforeSwap", function (event) {
    open = Array.from(event.detail.target.querySelectorAll("details[open][id]")).map(function (each) { return each.id; });
  });
  document.body.addEventListener("htmx:beforeSwap", function (event) {
    written = Array.from(event.detail.target.querySelectorAll("input[id], textarea[id]")).filter(function (each) {
      return each.value !== each.defaultValue && each.type !== "hidden";
    }).map(function (each) { return [each.id, each.value]; });
  });
  document.body.addEventListener("htmx:afterSwap", function () {
    written.forEach(function (pair) {
      var each = document.getElementById(pair[0]);
      if (each) { each.value = pair[1]; }
    });
    written = [];
    open.forEach(function (id) {
      var each = document.getElementById(id);
      if (each) { each.open = true; }
    });
    open = [];
  });

  if (document.querySelector("[data-live]")) { listen(); }
}());
