/* Draws what the list beside it says. Shapes are the page's own file: nothing is fetched from anywhere else. */
"use strict";
(function () {
  var box = document.getElementById("map");
  if (!box || !window.L) { return; }
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  var still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  var map = L.map(box, {
    preferCanvas: true, worldCopyJump: true, minZoom: 1, maxZoom: 12, zoomAnimation: !still, fadeAnimation: false,
    attributionControl: false, maxBounds: [[-85, -260], [85, 260]]
  }).setView([15, 10], 2);
  map.createPane("ground").style.zIndex = 200;
  L.control.attribution({ prefix: false }).addAttribution("Natural Earth").addTo(map);
  var ground = L.layerGroup().addTo(map);
  var people = L.markerClusterGroup({
    showCoverageOnHover: false, animate: false, maxClusterRadius: 46, spiderfyOnMaxZoom: false,
    iconCreateFunction: function (cluster) {
      var count = cluster.getAllChildMarkers().reduce(function (sum, each) { return sum + each.options.count; }, 0);
      return icon(count);
    }
  }).addTo(map);
  var circles = L.layerGroup().addTo(map);
  var reach = L.layerGroup().addTo(map);
  var COARSE = 0.12; // degrees that nobody sees from afar: few points are drawn soon
  var levels = {}, drawn = null;
  var world = null, data = null, chosen = null, fitted = false;

  function color(name) { return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim(); }

  function icon(count) {
    return L.divIcon({ className: count ? "spot" : "spot site", html: count ? String(count) : "", iconSize: [26, 26],
                       iconAnchor: [-5, -5] }); // beside the point, so that it never hides an incident;
  }

  /* A ring that crosses the 180th meridian jumps by 360 degrees there: laid out flat it goes on beyond, and is drawn
     once more at the other edge. One that does not close goes round the pole. */
  function flat(ring, grain) {
    var turn = 0, out = [], kept = null, end = ring.length - 1;
    ring.forEach(function (at, i) {
      if (i) {
        var step = at[0] - ring[i - 1][0];
        if (step > 180) { turn -= 360; } else if (step < -180) { turn += 360; }
      }
      var lon = at[0] + turn;
      if (kept && i < end && Math.abs(at[1] - kept[0]) < grain && Math.abs(lon - kept[1]) < grain) { return; }
      kept = [at[1], lon];
      out.push(kept);
    });
    var first = out[0], last = out[out.length - 1];
    if (Math.abs(last[1] - first[1]) > 180) { out.push([-89.9, last[1]], [-89.9, first[1]]); }
    return out;
  }

  function shapes(feature, grain) {
    var parts = feature.geometry.type === "Polygon" ? [feature.geometry.coordinates] : feature.geometry.coordinates;
    var found = [];
    parts.forEach(function (part) {
      var rings = part.map(function (ring) { return flat(ring, grain); })
        .filter(function (ring, i) { return !i || ring.length > 3; });
      var lons = rings[0].map(function (at) { return at[1]; });
      var low = Math.min.apply(null, lons), high = Math.max.apply(null, lons);
      found.push(rings);
      [low < -180 ? 360 : 0, high > 180 ? -360 : 0].forEach(function (by) {
        if (by) {
          found.push(rings.map(function (ring) { return ring.map(function (at) { return [at[0], at[1] + by]; }); }));
        }
      });
    });
    return found;
  }

  function land() {
    ground.clearLayers();
    if (!world) { return; }
    drawn = map.getZoom() > 5 ? 0 : COARSE;
    var renderer = L.canvas({ pane: "ground", padding: 0.2 });
    var options = { renderer: renderer, pane: "ground", interactive: false, weight: 0.7, color: color("line"),
                    fillColor: color("paper"), fillOpacity: 1, smoothFactor: 1.2 };
    levels[drawn] = levels[drawn] || world.map(function (each) { return shapes(each, drawn); });
    levels[drawn].forEach(function (parts) { L.polygon(parts, options).addTo(ground); });
  }

  function describe(id) {
    var line = document.getElementById(id);
    if (!line) { return null; }
    var copy = line.cloneNode(true);
    copy.removeAttribute("id");
    copy.querySelectorAll("button").forEach(function (each) { each.remove(); });
    var holder = document.createElement("div");
    while (copy.firstChild) { holder.appendChild(copy.firstChild); }
    return holder;
  }

  function choose(id) {
    chosen = id;
    reach.clearLayers();
    (data ? data.incidents : []).forEach(function (each) {
      if (each[0] !== id) { return; }
      each[5].forEach(function (rule) {
        L.circle([each[2], each[3]], { radius: rule[1] * 1000, weight: 1.5, dashArray: "6 5", fill: false,
                                       color: color("accent"), interactive: false }).addTo(reach);
      });
    });
  }

  function incidents() {
    circles.clearLayers();
    data.incidents.slice().reverse().forEach(function (each) {
      var at = [each[2], each[3]], tone = color(each[1].toLowerCase());
      if (each[4] > 0) {
        L.circle(at, { radius: each[4] * 1000, weight: 1, color: tone, fillOpacity: 0.1, interactive: false }).addTo(circles);
      }
      L.circleMarker(at, { radius: 7, weight: 2, color: color("paper"), fillColor: tone, fillOpacity: 1 })
        .bindPopup(function () { return describe("i-" + each[0]) || ""; })
        .on("click", function () { choose(each[0]); }).addTo(circles);
    });
    choose(chosen);
  }

  function spots() {
    people.clearLayers();
    people.addLayers(data.spots.map(function (each, i) {
      return L.marker([each[0], each[1]], { icon: icon(each[2]), count: each[2], keyboard: false })
        .bindPopup(function () { return describe("s-" + i) || ""; });
    }));
  }

  function fit() {
    var at = data.incidents.map(function (each) { return [each[2], each[3]]; })
      .concat(data.spots.map(function (each) { return [each[0], each[1]]; }));
    if (!fitted && at.length) { map.fitBounds(at, { padding: [30, 30], maxZoom: 6, animate: false }); }
    fitted = true;
  }

  function draw() {
    var part = document.getElementById("places");
    var now = part ? part.dataset.map : null;
    if (!now || now === draw.before) { return; }
    draw.before = now;
    data = JSON.parse(now);
    fit();
    incidents();
    spots();
  }

  function again() { land(); if (data) { incidents(); } }

  dark.addEventListener("change", again);
  map.on("zoomend", function () { if (drawn !== (map.getZoom() > 5 ? 0 : COARSE)) { land(); } });
  document.body.addEventListener("htmx:afterSettle", draw);
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-show]");
    if (!button || !data) { return; }
    var id = button.dataset.show;
    data.incidents.forEach(function (each) {
      if (each[0] === id) {
        map.setView([each[2], each[3]], Math.max(map.getZoom(), 7), { animate: false });
        choose(id);
        box.scrollIntoView({ block: "nearest" });
      }
    });
  });

  var asked = fetch("/assets/vendor/countries-50m.json").then(function (answer) { return answer.json(); });
  draw();
  asked.then(function (atlas) {
    world = topojson.feature(atlas, atlas.objects.countries).features;
    land();
    requestAnimationFrame(function () {
      requestAnimationFrame(function () { performance.mark("map-drawn"); box.dataset.drawn = "true"; });
    });
  });
}());
