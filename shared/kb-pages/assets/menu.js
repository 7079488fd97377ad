// Menus (details.menu) close on Esc, on a press outside, and when the focus leaves; without this they open and close by themselves.
const open = () => [...document.querySelectorAll("details.menu[open]")];

addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing) return;
  const [menu] = open();
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

for (const kind of ["pointerdown", "focusin"]) {
  addEventListener(kind, (event) => {
    for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
  });
}
