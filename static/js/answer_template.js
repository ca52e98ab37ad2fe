// Words chosen among those often used come into the field they are for, where they can be changed before they are sent.
for (const select of document.querySelectorAll("select[data-fills]")) {
  select.addEventListener("change", () => {
    const field = document.getElementById(select.dataset.fills);
    if (field && select.value) {
      field.value = select.selectedOptions[0].textContent.trim();
      field.focus();
    }
  });
}
