// "/" goes to the search field, unless somebody is writing or composing.
addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const field = document.querySelector("[role=search] input");
  if (!field?.checkVisibility()) return;
  event.preventDefault();
  field.focus();
});
