// The demo's inbox: the sidebar stands in a frame and speaks the frame contract; what it inserts lands at the caret.
const frame = document.getElementById("sidebar");
const reply = document.getElementById("reply");
const inserted = document.getElementById("inserted");

function tell(message) {
  frame.contentWindow.postMessage({ sidenote: 1, ...message }, location.origin);
}

async function bearer() {
  const answer = await fetch("/api/v1/frame-bearers", { method: "POST" });
  return answer.ok ? (await answer.json()).token : undefined;
}

// One bearer for this page, until the frame says that it is good no longer; one greeting, which brings the ticket.
let held = null;
async function greet(expired) {
  if (expired) held = null;
  held ??= bearer();
  const token = await held;
  tell({ type: "hello", token, locale: document.documentElement.lang, ticket: JSON.parse(frame.dataset.ticket) });
}

// Typed in as the agent would, so that one undo takes it out again.
function insert(text) {
  reply.focus();
  if (!document.execCommand("insertText", false, text)) {
    reply.setRangeText(text, reply.selectionStart, reply.selectionEnd, "end");
    reply.dispatchEvent(new Event("input", { bubbles: true }));
  }
  inserted.textContent = inserted.dataset.done;
  tell({ type: "inserted", ok: true });
}

if (frame && reply) {
  addEventListener("message", (event) => {
    const message = event.data;
    if (event.source !== frame.contentWindow || event.origin !== location.origin || message?.sidenote !== 1) return;
    if (message.type === "ready") greet(message.expired);
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
