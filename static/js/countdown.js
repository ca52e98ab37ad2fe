// A place that can be claimed from a moment to come: its button waits, by the server's clock, and then works.
// Without script the same button is a plain form, which the server refuses until then.
(() => {
  const LONG_AWAY = 30_000; // after so long in the background a page says nothing of now
  const A_MINUTE = 60_000;
  const A_DAY = 24 * 60 * A_MINUTE;
  const words = (number, unit) =>
    new Intl.NumberFormat(document.documentElement.lang || "en", { style: "unit", unit, unitDisplay: "long" }).format(number);

  const clockWords = (left) => {
    const seconds = Math.ceil(left / 1000);
    const two = (number) => String(number).padStart(2, "0");
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
    return (hours ? `${hours}:${two(minutes)}` : minutes) + `:${two(seconds % 60)}`;
  };

  const count = (form) => {
    const opensAt = performance.now() + Number(form.dataset.opensIn);
    const button = form.querySelector("button");
    const shown = form.querySelector("[data-left]");
    const said = form.querySelector("[data-said]");
    let minute = null;
    button.disabled = true;

    const tick = () => {
      const left = opensAt - performance.now();
      if (left <= 0) {
        clearInterval(ticking);
        button.disabled = false;
        shown.textContent = "";
        said.textContent = button.textContent;
        return;
      }
      if (left < A_DAY) shown.textContent = clockWords(left);
      const now = Math.ceil(left / A_MINUTE);
      if (left < 60 * A_MINUTE && now !== minute) {
        minute = now;
        said.textContent = words(now, "minute");
      }
      if (left < 1000) setTimeout(tick, left); // not up to a second late
    };
    const ticking = setInterval(tick, 1000);
    tick();
  };

  const stayFresh = () => {
    let left = null;
    let typed = false;
    const afresh = () => { if (!typed) location.reload(); };
    document.addEventListener("input", () => { typed = true; });
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) left = Date.now();
      else if (left !== null && Date.now() - left >= LONG_AWAY) afresh();
    });
    window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  };

  document.querySelectorAll("[data-opens-in]").forEach(count);
  stayFresh();
})();
