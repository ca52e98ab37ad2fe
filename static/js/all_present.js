// <button data-all="ATTENDED">: every list of the form that offers it is set to it at once; nothing is sent.
(() => {
  "use strict";

  for (const button of document.querySelectorAll("button[data-all]")) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      for (const list of button.form.querySelectorAll("select.mark")) {
        if ([...list.options].some((option) => option.value === button.dataset.all)) list.value = button.dataset.all;
      }
    });
  }
})();
