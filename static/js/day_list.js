// <form data-day data-who data-shift data-to>: a tap on the day list is kept in this browser at once, and sent when there
// is a connection. It is forgotten only when the server has said what became of it, so that none is lost; each has a key
// of its own, so that one sent twice is one. What one person ticked is never sent under another's name: it is kept by who
// ticked it. Without script the list is a plain form. The page that confirms a shift sends what still waits too.
(() => {
  "use strict";

  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });

  const list = document.querySelector("[data-day]");
  const status = list && list.querySelector("[data-kept-state]");
  if (!status) return;

  const PREFIX = "day:";
  const OWN = `${PREFIX}${list.dataset.who}:${list.dataset.shift}:`;
  const A_MONTH = 30 * 24 * 60 * 60 * 1000;
  const AT_ONCE = 50;
  const ANSWER_WITHIN = 20_000;
  const [FIRST_PAUSE, LONGEST_PAUSE] = [2000, 60_000];
  const MARKS = ["ATTENDED", "ABSENT", "EXCUSED", "NONE"];

  const unkept = new Map(); // where the browser keeps nothing
  let lastAt = 0;
  let sending = false;
  let trouble = ""; // why nothing is sent until somebody comes back to this page
  let pause = FIRST_PAUSE;
  let next = null;

  // --- what is kept ---------------------------------------------------------------------------

  const newKey = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  };

  const keep = (tick) => {
    try {
      localStorage.setItem(OWN + tick.key, JSON.stringify({ claim: tick.claim, mark: tick.mark, at: tick.at }));
      unkept.delete(tick.key);
    } catch {
      unkept.set(tick.key, tick);
    }
  };

  const forget = (key) => {
    unkept.delete(key);
    try {
      localStorage.removeItem(OWN + key);
    } catch { /* it kept nothing */ }
  };

  const names = () => {
    try {
      return Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
    } catch {
      return [];
    }
  };

  const read = (name) => {
    try {
      const tick = JSON.parse(localStorage.getItem(name));
      const whole = MARKS.includes(tick.mark) && /^\d+$/.test(tick.claim) && Number.isInteger(tick.at);
      return whole && Date.now() - tick.at < A_MONTH ? tick : null;
    } catch {
      return null;
    }
  };

  const pending = () => {
    const kept = names()
      .filter((name) => name.startsWith(OWN))
      .map((name) => ({ ...read(name), key: name.slice(OWN.length) }));
    return [...kept.filter((tick) => tick.mark), ...unkept.values()].sort((one, other) => one.at - other.at);
  };

  const clearAway = () => {
    for (const name of names()) {
      if (!read(name)) localStorage.removeItem(name);
    }
  };

  // --- what is shown --------------------------------------------------------------------------

  const rowOf = (claim) => list.querySelector(`[data-claim="${claim}"]`);

  const check = (claim, mark) => {
    const row = rowOf(claim);
    const radio = row && row.querySelector(`[type=radio][value="${mark}"]`);
    if (radio) radio.checked = true;
  };

  const show = () => {
    const waiting = pending();
    const claims = new Set(waiting.map((tick) => String(tick.claim)));
    for (const row of list.querySelectorAll("[data-claim]")) {
      const mark = row.querySelector("[data-kept]");
      if (mark) mark.hidden = !claims.has(row.dataset.claim);
    }
    const state = waiting.length ? trouble || (unkept.size ? "unkept" : "waiting") : "all";
    status.hidden = !waiting.length && !list.querySelector("[type=radio]");
    for (const said of status.querySelectorAll("[data-state]")) {
      said.hidden = said.dataset.state !== state;
      const number = said.querySelector("[data-n]");
      if (number && number.textContent !== String(waiting.length)) number.textContent = waiting.length;
    }
  };

  const tell = (sentence) => {
    const said = document.createElement("li");
    said.className = "say error";
    said.textContent = sentence;
    list.querySelector("[data-refused]").append(said);
  };

  // --- sending --------------------------------------------------------------------------------

  // The cookie is that of the last log-in, wherever it was; the page's own token may be older.
  const token = () => {
    const cookie = document.cookie.split("; ").find((one) => one.startsWith("csrftoken="));
    return cookie ? cookie.slice("csrftoken=".length) : list.querySelector("[name=csrfmiddlewaretoken]").value;
  };

  const post = async (ticks) => {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), ANSWER_WITHIN);
    try {
      return await fetch(list.dataset.to, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": token() },
        body: JSON.stringify({ who: list.dataset.who, sent: Math.max(Date.now(), lastAt), ticks }),
        redirect: "manual", // to the log-in page
        signal: patience.signal,
      });
    } finally {
      clearTimeout(timer);
    }
  };

  const whyNot = (answer) => {
    if (answer.type === "opaqueredirect" || answer.status === 403) return "login";
    if (answer.status === 409) return "other";
    return [400, 404, 413].includes(answer.status) ? "trouble" : "";
  };

  const settle = (said) => {
    said.kept.forEach(forget);
    for (const [key, sentence] of Object.entries(said.refused)) {
      forget(key);
      tell(sentence);
    }
    const claims = new Set(pending().map((tick) => String(tick.claim)));
    for (const [claim, mark] of Object.entries(said.marks)) {
      if (!claims.has(claim)) check(claim, mark);
    }
    // The page that confirms begins with the ticks: it begins again with those that have just arrived.
    if ("thenReload" in list.dataset && !claims.size && !Object.keys(said.refused).length) location.reload();
  };

  // How long ticks are on their way the server cannot know: it takes them for tapped so much later. So must be all that
  // follow them, or the earlier tap in a place would win over the later one.
  const putBehind = (ticks, took) => {
    const keys = new Set(ticks.map((tick) => tick.key));
    for (const tick of pending().filter((one) => !keys.has(one.key))) {
      keep({ ...tick, at: tick.at + took });
      lastAt = Math.max(lastAt, tick.at + took);
    }
  };

  const later = () => {
    clearTimeout(next);
    next = setTimeout(send, pause);
    pause = Math.min(LONGEST_PAUSE, 2 * pause);
  };

  async function send() {
    const ticks = pending().slice(0, AT_ONCE);
    if (sending || !ticks.length) return;
    sending = true;
    const began = Date.now();
    clearTimeout(next);
    try {
      const answer = await post(ticks);
      trouble = whyNot(answer);
      if (answer.ok) {
        settle(await answer.json());
        pause = FIRST_PAUSE;
        next = setTimeout(send, 0);
      } else if (!trouble) {
        later();
      }
    } catch {
      later(); // no connection, or no answer
    } finally {
      putBehind(ticks, Math.max(0, Date.now() - began));
      sending = false;
      show();
    }
  }

  const atOnce = () => {
    pause = FIRST_PAUSE;
    send();
  };

  // --- beginning ------------------------------------------------------------------------------

  const button = list.querySelector(".main-action button");
  if (button) button.hidden = true;
  clearAway();
  for (const tick of pending()) {
    lastAt = Math.max(lastAt, tick.at);
    check(tick.claim, tick.mark);
  }
  list.addEventListener("change", (event) => {
    const row = event.target.closest("[data-claim]");
    if (!row || event.target.type !== "radio") return;
    lastAt = Math.max(Date.now(), lastAt + 1);
    keep({ key: newKey(), claim: row.dataset.claim, mark: event.target.value, at: lastAt });
    show();
    if (!trouble) atOnce();
  });
  list.addEventListener("submit", (event) => {
    event.preventDefault();
    atOnce();
  });
  for (const back of ["online", "focus"]) window.addEventListener(back, atOnce);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) atOnce(); });
  window.addEventListener("pageshow", (event) => { if (event.persisted && navigator.onLine) location.reload(); });
  show();
  send();
})();
