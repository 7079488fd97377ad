// Signing in and setting up by a link: the code stands behind the # of the address, which no server and no log ever sees.
const code = document.getElementById("code");
function readLink() {
  const link = location.hash.slice(1);
  if (!code || !/^(li|su)_[0-9a-f]+$/.test(link)) return;
  code.value = link;
  code.type = "hidden";
  code.closest("[data-code]")?.setAttribute("hidden", "");
  const label = code.form.querySelector('label[for="code"]');
  label.hidden = true;
  for (const [id, hidden] of [["by-hand", true], ["by-link", false]]) document.getElementById(id)?.toggleAttribute("hidden", hidden);
  history.replaceState(null, "", location.pathname + location.search);
  (code.form.querySelector('input:not([type="hidden"], [hidden])') ?? code.form.querySelector("button")).focus();
}
readLink();
addEventListener("hashchange", readLink);

// The window that a framed sidebar opened. The frame has no cookie of ours and tells its pairing; this browser has one, and joins
// its session to the pairing. Whoever has to sign in first leaves the pairing with the browser meanwhile.
const starting = document.getElementById("starting");

function post(path, body) {
  return fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

// What the frame tells within a second; nothing when there is no frame any more.
function pairing() {
  if (!window.opener) return Promise.resolve(null);
  return new Promise((resolve) => {
    setTimeout(() => resolve(null), 1000);
    addEventListener("message", (event) => {
      const { data, origin, source } = event;
      if (data?.sidenote !== 1 || data.type !== "pairing" || origin !== location.origin || source !== window.opener) return;
      resolve(data.pairing);
    });
    window.opener.postMessage({ sidenote: 1, type: "hello" }, location.origin);
  });
}

async function join(told) {
  const answer = await post(starting.dataset.join, told ? { pairing: told } : {});
  starting.hidden = true;
  document.getElementById(answer.ok ? "started" : "not-started").hidden = false;
  if (answer.ok) window.close();
}

if (starting) {
  const told = await pairing();
  if (starting.dataset.join) await join(told);
  else if (told) await post(starting.dataset.hold, { pairing: told });
}
