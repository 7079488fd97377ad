// Signing in by a link: the code stands behind the # of the address, which no server and no log ever sees.
const code = document.getElementById("code");
function readLink() {
  const link = location.hash.slice(1);
  if (!code || !/^li_[0-9a-f]+$/.test(link)) return;
  code.value = link;
  code.type = "hidden";
  code.form.querySelector("label").hidden = true;
  document.getElementById("by-hand").hidden = true;
  document.getElementById("by-link").hidden = false;
  history.replaceState(null, "", location.pathname);
  code.form.querySelector("button").focus();
}
readLink();
addEventListener("hashchange", readLink);

// The window that a framed sidebar opened: it has the cookie that the frame lacks, and hands over a short bearer.
const starting = document.getElementById("starting");
if (starting) {
  try {
    const answer = await fetch(starting.dataset.start, { method: "POST" });
    if (!answer.ok || !window.opener) throw new Error(String(answer.status));
    const { token } = await answer.json();
    window.opener.postMessage({ sidenote: 1, type: "token", token }, location.origin);
    window.close();
  } catch {
    starting.hidden = true;
    document.getElementById("not-started").hidden = false;
  }
}
