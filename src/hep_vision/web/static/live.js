// Keeps the words and the buttons beside the picture up to date. Without it the picture goes on, and
// every button is a form.
"use strict";

const part = (id) => document.getElementById(id);
const live = part("live");
const controls = part("controls");
const LOST = "The connection is lost. Check that hep-vision still runs on this machine.";
let speaks = false;
let lastSaid = null;
let wanted = "";
let fetching = false;

function show(id, words) {
  if (part(id).textContent !== words) part(id).textContent = words;
}

function send(path, values) {
  const body = new URLSearchParams(values);
  return fetch(path, { method: "POST", body, redirect: "manual" }).catch(() => show("words", LOST));
}

function listed(lines) {
  const list = part("more");
  const now = Array.from(list.children, (item) => item.textContent);
  if (now.join("\n") === lines.join("\n")) return;
  list.replaceChildren(...lines.map((line) => {
    const item = document.createElement("li");
    item.textContent = line;
    return item;
  }));
}

const formShown = () => controls.firstElementChild?.dataset.form ?? "";

async function renew(form) {
  wanted = form;
  if (wanted === formShown() || fetching) return;
  fetching = true;
  try {
    const answer = await fetch("/live/form");
    if (!answer.ok || answer.status === 204) return;
    const focused = controls.contains(document.activeElement) ? document.activeElement.value : null;
    controls.innerHTML = await answer.text();
    const question = controls.querySelector("legend, textarea");
    // Never another button: who presses a key twice would press it, too.
    const again = focused === null ? null : controls.querySelector(`[name="key"][value="${CSS.escape(focused)}"]`);
    if (question) question.focus();
    else if (focused !== null) (again ?? part("title")).focus();
  } catch {
    show("words", LOST);
  } finally {
    fetching = false;
    if (wanted !== formShown()) setTimeout(() => renew(wanted), 300);
  }
}

function speak(said) {
  const before = lastSaid ?? (said.length ? said[said.length - 1][0] : 0);
  lastSaid = said.length ? said[said.length - 1][0] : before;
  if (!speaks) return;
  for (const [number, words] of said) {
    if (number > before) speechSynthesis.speak(new SpeechSynthesisUtterance(words));
  }
}

function update(state) {
  live.classList.toggle("asking", state.question !== "");
  show("title", state.title);
  show("count", state.count);
  show("unit", state.unit);
  part("number").hidden = state.count === "";
  show("words", state.words);
  listed(state.more);
  speak(state.said);
  renew(state.form);
}

const source = new EventSource("/live/events");
source.onmessage = (event) => {
  const state = JSON.parse(event.data);
  if (!state.ended) {
    update(state);
    return;
  }
  source.close();
  location.replace("/live");
};
// A browser holds six connections to one server, and who does not see the picture needs none.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) part("picture").removeAttribute("src");
  else part("picture").src = "/live/stream";
});
source.onerror = () => show("words", LOST);

controls.addEventListener("submit", (event) => {
  event.preventDefault();
  const values = new FormData(event.target, event.submitter);
  send(new URL(event.target.action).pathname, values);
});

controls.addEventListener("change", (event) => {
  const form = event.target.form;
  if (event.target.type !== "radio" || controls.firstElementChild.dataset.marks !== "true") return;
  send("/live/answer", { asked: form.elements.asked.value, answer: event.target.value, do: "mark" });
});

// The keys of the window, where nothing on the page wants them.
const NAMED = { " ": "space", Escape: "escape" };
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (controls.querySelector("fieldset, textarea")) return;
  const idle = [document.body, part("main"), part("title")].includes(event.target);
  if (!idle && event.key !== "Escape") return;
  const key = NAMED[event.key] ?? (event.key.length === 1 ? event.key : null);
  if (key === null) return;
  event.preventDefault();
  send("/live/key", { key });
});

if ("speechSynthesis" in window) {
  part("voice").hidden = false;
  send("/live/voice", { where: "machine" });
  part("speak").addEventListener("click", () => {
    speaks = !speaks;
    part("speak").setAttribute("aria-pressed", String(speaks));
    if (!speaks) speechSynthesis.cancel();
    send("/live/voice", { where: speaks ? "browser" : "machine" });
  });
}
