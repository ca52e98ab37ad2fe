// What somebody types into <form data-draft="key"> outlives a lost connection: it is kept in this browser for a day,
// and forgotten as soon as a page says with data-draft-sent="key" that it has been sent. Nothing here is needed to send.
(() => {
  "use strict";

  const LASTS = 24 * 60 * 60 * 1000;
  const PREFIX = "draft:";
  const KINDS = ["text", "tel", "textarea", "select-one", "radio"];

  const store = (act) => {
    try {
      return act(window.localStorage);
    } catch {
      return null; // a browser that keeps nothing, or has no room
    }
  };
  const forget = (key) => store((kept) => kept.removeItem(PREFIX + key));

  const draftOf = (key) => {
    const draft = store((kept) => JSON.parse(kept.getItem(PREFIX + key)));
    if (draft && Date.now() - draft.at < LASTS) return draft.said;
    forget(key);
    return null;
  };

  const forgetTheOld = () => {
    const keys = store((kept) => Object.keys(kept)) || [];
    keys.filter((key) => key.startsWith(PREFIX)).forEach((key) => draftOf(key.slice(PREFIX.length)));
  };

  // Words and choices, and the form's own number, so that a lost answer does not make two wishes of one.
  // No consent is given by a draft, and the field that nobody sees stays empty.
  const isKept = (field) => {
    if (field.closest("[aria-hidden]")) return false;
    if (field.type === "checkbox") return field.dataset.draft === "keep";
    return KINDS.includes(field.type) || field.name === "sent_once";
  };
  const fieldsOf = (form) => [...form.elements].filter((field) => field.name && isKept(field));
  const isTick = (field) => field.type === "checkbox" || field.type === "radio";

  const saidIn = (form) => {
    const said = {};
    for (const field of fieldsOf(form)) {
      if (!isTick(field) || field.checked) said[field.name] = field.value;
    }
    return said;
  };

  const fill = (form, said) => {
    for (const field of fieldsOf(form)) {
      if (isTick(field)) field.checked = said[field.name] === field.value;
      else if (field.name in said) field.value = said[field.name];
      const folded = field.closest("details");
      if (folded && said[field.name]) folded.open = true;
    }
  };

  const keepDraftOf = (form) => {
    const key = form.dataset.draft;
    const restored = form.querySelector("[data-draft-restored]");
    const offline = form.querySelector("[data-draft-offline]");
    const asItCame = saidIn(form);
    const save = () => {
      const draft = JSON.stringify({ at: Date.now(), said: saidIn(form) });
      store((kept) => kept.setItem(PREFIX + key, draft));
    };

    const draft = draftOf(key);
    if (draft && !("draftTyped" in form.dataset)) {
      fill(form, draft);
      restored.hidden = false;
    }
    form.querySelector("[data-draft-afresh]").addEventListener("click", () => {
      forget(key);
      form.reset();
      fill(form, asItCame);
      restored.hidden = true;
    });
    form.addEventListener("input", save);
    form.addEventListener("submit", (event) => {
      save();
      offline.hidden = navigator.onLine;
      if (navigator.onLine) return;
      event.preventDefault();
      offline.scrollIntoView({ block: "center" });
    });
    window.addEventListener("online", () => { offline.hidden = true; });
  };

  forgetTheOld();
  document.querySelectorAll("[data-draft-sent]").forEach((page) => forget(page.dataset.draftSent));
  document.querySelectorAll("form[data-draft]").forEach(keepDraftOf);
})();
