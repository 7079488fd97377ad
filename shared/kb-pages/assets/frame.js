// Who the sidebar asks as. In a frame of another site it has no cookie of ours: it holds a short bearer and what renews it once, in
// the storage of this tab, so that a reload and the next ticket go on without a click. It renews while somebody works, and only then.
const KEY = "sidenote-frame";
const EARLY_MS = 60_000;
const ASK_MS = 2_000;
const ASKS_MAX = 90;

let kept = null;
let waiting = null;

// A browser may forbid storage to a frame; then the bearer lasts as long as the page.
function stored() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY));
  } catch {
    return null;
  }
}

function keep(bearer) {
  kept = bearer && { token: bearer.token, renewal: bearer.renewal, until: Date.now() + bearer.expires_in_seconds * 1000 };
  try {
    if (kept) sessionStorage.setItem(KEY, JSON.stringify(kept));
    else sessionStorage.removeItem(KEY);
  } catch {
    // The page remembers it.
  }
}

function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  return fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
}

// Two frames of one tab share the storage: one renews, the other takes what it left.
function alone(work) {
  return navigator.locks ? navigator.locks.request(KEY, work) : work();
}

async function renew(old) {
  await alone(async () => {
    const now = stored();
    if (now && now.token !== old.token) {
      kept = now;
      return;
    }
    const answer = await post("/api/v1/frame-bearers/renew", { renewal: old.renewal });
    if (answer.ok) keep(await answer.json());
    else if (answer.status === 401) keep(null);
    else throw new Error(String(answer.status));
  });
}

window.sidenoteFrame = {
  // Whether there is a bearer, good or to be renewed.
  has: () => Boolean(kept),

  // A bearer that a host has given, or a session of ours; it is not renewed here.
  take(bearer) {
    if (typeof bearer === "string") kept = { token: bearer, until: Infinity };
    else keep(bearer);
  },

  forget: () => keep(null),

  // The bearer, renewed where it ends soon; null when there is none any more.
  async token(afresh) {
    const old = kept;
    if (old?.renewal && (afresh || old.until - Date.now() < EARLY_MS)) await renew(old);
    return kept?.token ?? null;
  },

  // Opens a window to sign in, and calls back with a bearer once somebody has.
  async signIn(done) {
    const there = window.open("/agent/start", "sidenote-start", "popup,width=480,height=640");
    const answer = await post("/api/v1/frame-pairings", {});
    if (!answer.ok) return;
    const { pairing } = await answer.json();
    waiting = pairing;
    const tell = (window) => window?.postMessage({ sidenote: 1, type: "pairing", pairing }, location.origin);
    tell(there);
    addEventListener("message", (event) => {
      const { data, origin, source } = event;
      const asks = data?.sidenote === 1 && data.type === "hello" && origin === location.origin && source !== window.parent;
      if (asks && waiting === pairing) tell(source);
    });
    for (let n = 0; n < ASKS_MAX && waiting === pairing; n += 1) {
      await new Promise((resolve) => { setTimeout(resolve, n ? ASK_MS : 500); });
      const taken = await post("/api/v1/frame-pairings/take", { pairing });
      if (!taken.ok) break;
      const { bearer } = await taken.json();
      if (bearer) {
        keep(bearer);
        done();
        break;
      }
    }
    if (waiting === pairing) waiting = null;
  },
};
kept = stored();
