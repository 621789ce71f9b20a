// Moves the table, the curve and the replay of a session together. Without it everything but the
// replay works as forms and links.
"use strict";
(() => {
  const root = document.getElementById("session");
  const stage = root && root.querySelector(".stage");
  if (!stage) return;

  const address = `/review/sessions/${encodeURIComponent(root.dataset.session)}`;
  const begin = Number(root.dataset.begin), end = Number(root.dataset.end);
  const canvas = stage.querySelector("canvas"), pen = canvas.getContext("2d");
  const reading = stage.querySelector(".reading");
  const controls = root.querySelector(".controls");
  const part = (name) => controls.querySelector(`[data-do="${name}"]`);
  const rows = [...root.querySelectorAll("tr[data-ordinal]")].map((row) => ({
    row, ordinal: Number(row.dataset.ordinal),
    start: Number(row.dataset.start), end: Number(row.dataset.end),
  }));
  const clips = [...stage.querySelectorAll("video")].map((video) => ({
    video, start: Number(video.dataset.start), end: Number(video.dataset.end),
  }));
  const forms = [...root.querySelectorAll("form.verdict")];
  const svg = root.querySelector("svg.curve.live");
  const CHUNK = 30000;
  const chunks = new Map();
  let body = null, curve = null;
  let now = begin, playing = false, last = null, chosen = null, flag = null;

  // -- what is loaded -----------------------------------------------------------------------------

  const chunkOf = (at) => Math.floor(at / CHUNK);

  function load(index) {
    if (index < chunkOf(begin) || index > chunkOf(end) || chunks.has(index)) return;
    chunks.set(index, null);
    fetch(`${address}/landmarks?start_ms=${index * CHUNK}&end_ms=${(index + 1) * CHUNK}`)
      .then((answer) => {
        if (!answer.ok) throw new Error(String(answer.status));
        return answer.json();
      })
      .then((found) => { body = body || found; chunks.set(index, found); draw(); })
      .catch(() => {
        chunks.delete(index);
        playing = false;
        reading.textContent = "The landmarks could not be loaded; reload the page to try again.";
      });
  }

  // The last index whose time is not after `at`, -1 before the first.
  function before(times, at) {
    let low = 0, high = times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (times[middle] <= at) low = middle + 1; else high = middle;
    }
    return low - 1;
  }

  function frameAt(at) {
    const found = chunks.get(chunkOf(at));
    if (!found) return null;
    return found.frames[before(found.time_ms, at)] || null;
  }

  // -- drawing ------------------------------------------------------------------------------------

  const clipAt = (at) => clips.find((one) => one.start <= at && at < one.end && !one.broken);

  function limb(frame, edges, colour, width) {
    for (const [first, second] of edges) {
      const a = frame[first], b = frame[second];
      if (!a || !b) continue;
      const clear = a[2] && b[2];
      for (const [ink, size] of [["#101418", width + 4], [colour, width]]) {
        pen.strokeStyle = ink;
        pen.lineWidth = size;
        pen.setLineDash(clear ? [] : [size * 2, size * 2]);
        pen.globalAlpha = clear ? 1 : 0.6;
        pen.beginPath();
        pen.moveTo(a[0], a[1]);
        pen.lineTo(b[0], b[1]);
        pen.stroke();
      }
    }
    pen.setLineDash([]);
    pen.globalAlpha = 1;
  }

  function head(frame) {
    const nose = frame[0], ears = [frame[1], frame[2]].filter(Boolean);
    if (!nose || !ears.length) return;
    const x = (nose[0] + ears.reduce((sum, ear) => sum + ear[0], 0)) / (1 + ears.length);
    const y = (nose[1] + ears.reduce((sum, ear) => sum + ear[1], 0)) / (1 + ears.length);
    const away = Math.max(...ears.map((ear) => Math.hypot(ear[0] - nose[0], ear[1] - nose[1])));
    pen.strokeStyle = "#c4cad0";
    pen.lineWidth = body.size[1] / 180;
    pen.beginPath();
    pen.arc(x, y, Math.max(away, body.size[1] / 40), 0, 2 * Math.PI);
    pen.stroke();
  }

  function draw() {
    const clip = clipAt(now);
    for (const one of clips) one.video.hidden = one !== clip;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    if (body) {
      const [width, height] = body.size;
      const ratio = Math.min(1.5, 1280 / Math.max(width, height));
      const wide = Math.round(width * ratio), tall = Math.round(height * ratio);
      if (canvas.width !== wide || canvas.height !== tall) {
        canvas.width = wide;
        canvas.height = tall;
      }
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      pen.lineCap = "round";
      const frame = frameAt(now), overlay = part("overlay");
      if (frame && (!clip || !overlay || overlay.checked)) {
        const thin = height / 120;
        head(frame);
        limb(frame, body.edges, "#c4cad0", thin);
        limb(frame, body.limb, "#56b4e9", thin * 1.8);
        for (const one of body.flags) {
          if (one.start_ms <= now && now <= one.end_ms) limb(frame, one.edges, "#e69f00", thin * 2.6);
        }
      }
    }
    tell();
  }

  const clock = (at) => {
    const whole = Math.floor(at / 60000);
    return `${whole}:${((at - 60000 * whole) / 1000).toFixed(1).padStart(4, "0")}`;
  };

  function tell() {
    const words = [clock(now)];
    if (curve && curve.time_ms.length) {
      const at = before(curve.time_ms, now), sign = curve.unit === "deg" ? "°" : "";
      const say = (value) => value === null || value === undefined ? "not seen"
        : curve.unit === "deg" ? `${Math.round(value)}${sign}` : value.toFixed(2);
      for (const one of curve.curves) words.push(`${one.label} ${say(one.values[at])}`);
      if (curve.goal !== null) words.push(`goal ${say(curve.goal)}`);
    }
    if (body) {
      const seen = body.flags.filter((one) => one.start_ms <= now && now <= one.end_ms);
      words.push(...new Set(seen.map((one) => one.name)));
      if (!frameAt(now) && chunks.get(chunkOf(now))) words.push("nobody seen");
    }
    reading.textContent = words.join("  ·  ");
    if (svg) {
      const line = svg.querySelector(".now");
      const from = Number(svg.dataset.begin), to = Number(svg.dataset.end);
      const x = 60 + 800 * Math.min(1, Math.max(0, (now - from) / (to - from)));
      line.setAttribute("x1", x);
      line.setAttribute("x2", x);
      line.setAttribute("visibility", "visible");
    }
    const here = rows.find((one) => one.start <= now && now < one.end);
    for (const one of rows) one.row.classList.toggle("here", one === here);
    if (svg) {
      for (const band of svg.querySelectorAll(".band")) {
        band.classList.toggle("here", Boolean(here) && Number(band.dataset.ordinal) === here.ordinal);
      }
    }
  }

  // -- time ---------------------------------------------------------------------------------------

  const speed = () => Number(part("speed").value);

  function bounds() {
    const looped = part("loop").checked && chosen;
    return looped ? [chosen.start, chosen.end] : [begin, end];
  }

  function go(at, keep) {
    now = Math.min(end, Math.max(begin, at));
    if (!keep) chosen = rows.find((one) => one.start <= now && now < one.end) || chosen;
    load(chunkOf(now));
    load(chunkOf(now) + 1);
    const clip = clipAt(now);
    for (const one of clips) if (one !== clip || !playing) one.video.pause();
    if (clip) {
      clip.video.currentTime = Math.max(0, (now - clip.start) / 1000) + 0.001;
      if (playing) start(clip);
    }
    draw();
  }

  function start(clip) {
    clip.video.playbackRate = speed();
    clip.video.play().catch(() => {});
  }

  function play(on) {
    playing = on;
    last = null;
    part("play").textContent = on ? "Pause" : "Play";
    part("play").setAttribute("aria-pressed", String(on));
    const [, last_ms] = bounds();
    if (on && now >= last_ms - 1) go(bounds()[0], true); else go(now, true);
    if (on) requestAnimationFrame(tick);
  }

  function tick(stamp) {
    if (!playing) return;
    const [first, final] = bounds();
    const clip = clipAt(now);
    if (clip && !clip.video.paused && !clip.video.seeking) {
      now = clip.start + 1000 * clip.video.currentTime;
    } else if (last !== null) {
      // A tab that was hidden for a while goes on where it was.
      now += Math.min(250, stamp - last) * speed();
    }
    last = stamp;
    if (clip && (clip.video.ended || now >= clip.end - 20)) now = Math.max(now, clip.end);
    if (now >= final || now < first) {
      if (part("loop").checked && chosen) go(first, true);
      else { now = Math.min(now, final); play(false); return; }
    } else if (clipAt(now) !== clip) {
      go(now, true);
    } else {
      load(chunkOf(now));
      load(chunkOf(now) + 1);
      draw();
    }
    requestAnimationFrame(tick);
  }

  function step(way) {
    play(false);
    const found = chunks.get(chunkOf(now));
    if (!found) return;
    const at = before(found.time_ms, now) + way;
    if (at >= 0 && at < found.time_ms.length) go(found.time_ms[at]);
    else go(now + way * 40);
  }

  function rep(way) {
    if (!rows.length) return;
    const at = rows.indexOf(chosen);
    const next = at < 0 ? (way > 0 ? 0 : rows.length - 1) : at + way;
    choose(rows[Math.min(rows.length - 1, Math.max(0, next))]);
  }

  function choose(one) {
    chosen = one;
    go(one.start, true);
    one.row.scrollIntoView({ block: "nearest" });
    const mine = forms.filter((form) => Number(form.dataset.ordinal) === one.ordinal);
    mark(mine.find((form) => !form.dataset.said) || mine[0] || null);
  }

  function mark(form) {
    flag = form;
    for (const one of forms) one.classList.toggle("here", one === form);
  }

  // -- what a person does ---------------------------------------------------------------------------

  const DO = {
    " ": () => play(!playing),
    ArrowLeft: () => step(-1),
    ArrowRight: () => step(1),
    j: () => rep(1),
    k: () => rep(-1),
    c: () => say("c"),
    d: () => say("d"),
    u: () => say("u"),
  };

  function say(key) {
    const form = flag || forms.find((one) => !one.dataset.said);
    if (form) form.querySelector(`button[data-key="${key}"]`).click();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select")) return;
    if (event.key === " " && event.target.closest("button, a, summary")) return;
    const doing = DO[event.key];
    if (!doing) return;
    event.preventDefault();
    doing();
  });
  part("play").addEventListener("click", () => play(!playing));
  part("back").addEventListener("click", () => step(-1));
  part("on").addEventListener("click", () => step(1));
  part("speed").addEventListener("change", () => {
    for (const one of clips) one.video.playbackRate = speed();
  });
  if (part("overlay")) part("overlay").addEventListener("change", draw);
  for (const one of clips) {
    one.video.addEventListener("seeked", draw);
    one.video.addEventListener("error", () => { one.broken = true; draw(); });
  }
  for (const link of root.querySelectorAll("a.jump")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const form = link.closest("form.verdict");
      const ordinal = Number((form || link.closest("tr")).dataset.ordinal);
      chosen = rows.find((one) => one.ordinal === ordinal) || chosen;
      go(Number(link.dataset.at), true);
      if (form) mark(form);
      else choose(chosen);
      if (form) root.querySelector("#replay").scrollIntoView({ block: "nearest" });
    });
  }
  for (const one of rows) {
    one.row.addEventListener("click", (event) => { if (!event.target.closest("a")) choose(one); });
  }
  for (const form of forms) form.addEventListener("focusin", () => mark(form));
  if (svg) {
    svg.addEventListener("click", (event) => {
      const box = svg.getBoundingClientRect();
      const x = (event.clientX - box.left) * 1000 / box.width;
      const from = Number(svg.dataset.begin), to = Number(svg.dataset.end);
      go(from + (to - from) * (x - 60) / 800);
    });
  }

  stage.hidden = false;
  controls.hidden = false;
  fetch(`${address}/curve`).then((answer) => answer.json())
    .then((found) => { curve = found; tell(); }).catch(() => {});
  const asked = Number(new URLSearchParams(location.search).get("at") || NaN);
  const first = rows.find((one) => one.ordinal === asked);
  if (first) choose(first); else go(begin, true);
})();
