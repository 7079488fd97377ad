// The demo's inbox: the sidebar stands in a frame and speaks the frame contract; what it inserts lands at the caret.
const frame = document.getElementById("sidebar");
const reply = document.getElementById("reply");
const inserted = document.getElementById("inserted");

function tell(message) {
  frame.contentWindow.postMessage({ sidenote: 1, ...message }, location.origin);
}

async function greet() {
  const answer = await fetch("/api/v1/frame-bearers", { method: "POST" });
  const token = answer.ok ? (await answer.json()).token : undefined;
  tell({ type: "hello", token, locale: document.documentElement.lang });
  tell({ type: "ticket", ticket: JSON.parse(frame.dataset.ticket) });
}

function insert(text) {
  const focused = document.activeElement === reply;
  reply.setRangeText(text, reply.selectionStart, reply.selectionEnd, "end");
  reply.dispatchEvent(new Event("input", { bubbles: true }));
  if (!focused) reply.focus();
  inserted.textContent = inserted.dataset.done;
  tell({ type: "inserted", ok: true });
}

if (frame && reply) {
  addEventListener("message", (event) => {
    const message = event.data;
    if (event.source !== frame.contentWindow || event.origin !== location.origin || message?.sidenote !== 1) return;
    if (message.type === "ready") greet();
    if (message.type === "insert" && typeof message.text === "string") insert(message.text);
    if (message.type === "resize" && message.height > 0) frame.style.setProperty("--content", `${Math.ceil(message.height)}px`);
  });
  // The frame may have said "ready" before this script ran; it answers a greeting at any time.
  greet();

  // A reply that is being written survives a stray click.
  const draft = `reply:${location.pathname}`;
  reply.value ||= sessionStorage.getItem(draft) ?? "";
  reply.setSelectionRange(reply.value.length, reply.value.length);
  reply.addEventListener("input", () => sessionStorage.setItem(draft, reply.value));
  reply.form.addEventListener("submit", () => sessionStorage.removeItem(draft));
}
