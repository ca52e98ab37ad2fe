// <textarea data-count="2000">: how many characters there are of how many. More can be typed: it says so, and cuts nothing.
(() => {
  "use strict";

  for (const field of document.querySelectorAll("textarea[data-count]")) {
    const most = Number(field.dataset.count);
    const count = document.createElement("p");
    count.className = "help figures";
    count.setAttribute("aria-hidden", "true"); // the limit stands in the field's own help
    const show = () => {
      const characters = [...field.value.trim()].length; // as the server counts
      count.textContent = `${characters} / ${most}`;
      count.classList.toggle("too-many", characters > most);
    };
    field.after(count);
    field.addEventListener("input", show);
    window.addEventListener("pageshow", show);
    show();
  }
})();
