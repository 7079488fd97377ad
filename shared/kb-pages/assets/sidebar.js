// The sidebar beside a ticket. It shows what the API answers for the frame's bearer, holds no text of its own, and puts
// everything into the page as text.
const $ = (id) => document.getElementById(id);
const body = document.body;
const cards = $("cards");
const query = $("q");
const locale = $("locale");
const word = (key) => document.querySelector(`[data-word="${key}"]`)?.textContent ?? "";

const framed = window.parent !== window;
const origins = body.dataset.origins.split(" ").map((o) => (o === "'self'" ? location.origin : o));
const frame = window.sidenoteFrame;
let host = null;
let ticket = null;
let suggestion = null;
// The question whose answer is shown, or on its way.
let suggested = null;
let asked = 0;
let again = null;

// ---- states

function show(state) {
  for (const element of document.querySelectorAll("[data-state]")) element.hidden = element.dataset.state !== state;
  if (state !== "cards") cards.replaceChildren();
  grow();
}

function grow() {
  if (host) send({ type: "resize", height: body.offsetHeight });
}

// The language in two characters, as the list of languages spells it.
function short(tag) {
  return [...locale.options].find((o) => o.value === tag)?.dataset.short ?? tag ?? "";
}

function say(key) {
  $("status").textContent = key ? word(key) : "";
}

// ---- the API

class Refused extends Error {
  constructor(status, request) {
    super(String(status));
    this.status = status;
    this.request = request;
  }
}

async function api(method, path, body, afresh = false) {
  const headers = { "Accept-Language": document.documentElement.lang };
  const token = await frame.token(afresh);
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  // It may have ended while the machine slept.
  if (answer.status === 401 && token && !afresh) return api(method, path, body, true);
  if (!answer.ok) throw new Refused(answer.status, answer.headers.get("x-request-id"));
  return answer.status === 204 ? null : answer.json();
}

// Runs one question; an answer that a newer question has overtaken is dropped.
async function ask(work, retry) {
  const mine = ++asked;
  again = retry;
  const slow = setTimeout(() => mine === asked && show("loading"), 200);
  try {
    const answer = await work();
    if (mine === asked) return answer;
  } catch (error) {
    if (mine !== asked) return undefined;
    if (error.status === 401) signedOut();
    else if (error.status === 403) show("forbidden");
    else if (error.status === 404) show("no-such-ticket");
    else {
      $("request").textContent = error.request ?? "";
      show("failed");
    }
  } finally {
    clearTimeout(slow);
  }
  return undefined;
}

function signedOut() {
  frame.forget();
  show("signed-out");
  if (host) send({ type: "ready", expired: true });
}

// ---- suggestions and search

// Suggests for the ticket at hand, unless what is shown was suggested for just this.
function suggestOnce() {
  if (frame.has() && suggested && suggested === question()) return undefined;
  return suggest();
}

function question() {
  return JSON.stringify([ticket, locale.value]);
}

async function suggest() {
  suggested = null;
  query.value = "";
  $("again").hidden = true;
  if (!frame.has()) return show("signed-out");
  if (!ticket) return show("no-ticket");
  const texts = [ticket.subject, ticket.description, ...(ticket.messages ?? []).map((m) => m.text)];
  if (!texts.some((t) => t?.trim())) return show("no-text");
  const { version, ...known } = ticket;
  const now = question();
  const wanted = locale.value ? { ...known, locale: locale.value } : known;
  suggested = now;
  const answer = await ask(() => api("POST", "/api/v1/suggestions", { ticket: wanted }), suggest);
  if (!answer) {
    if (suggested === now) suggested = null;
    return undefined;
  }
  suggestion = answer.id;
  draw(answer.suggestions, "nothing");
  if (answer.suggestions.length) say("word-suggested");
  return undefined;
}

async function search() {
  const text = query.value.trim();
  if (!text) return suggest();
  const parameters = new URLSearchParams({ q: text, limit: "10" });
  const wanted = locale.value || ticket?.locale;
  if (wanted) parameters.set("locale", wanted);
  const answer = await ask(() => api("GET", `/api/v1/search?${parameters}`), search);
  if (!answer) return undefined;
  suggestion = null;
  suggested = null;
  $("again").hidden = !ticket;
  say();
  draw(answer.hits, "not-found");
  return undefined;
}

function draw(articles, empty) {
  show(articles.length ? "cards" : empty);
  cards.replaceChildren(...articles.map(card));
  const first = cards.firstElementChild;
  first?.setAttribute("tabindex", "0");
  first?.querySelector('[data-act="link"]').classList.add("primary");
  $("answer-in").textContent = short(locale.value || ticket?.locale) || "–";
  grow();
}

function card(article) {
  const element = $("card").content.firstElementChild.cloneNode(true);
  const part = (name) => element.querySelector(`[data-part="${name}"]`);
  element.setAttribute("aria-label", article.title);
  // An article whose readers are not told is neither public nor internal: it gets no badge.
  part("public").hidden = article.readers !== "public";
  part("customers").hidden = article.readers !== "customers";
  part("inside").hidden = article.readers !== "internal";
  part("audience").textContent = article.audience ? ` · ${audience(article.audience)}` : "";
  part("language").textContent = short(article.locale);
  part("strength").textContent = word(`word-${article.strength}`);
  part("title").textContent = article.title;
  part("title").lang = article.locale;
  part("title").href = address(article);
  part("path").textContent = article.path.join(" › ");
  marked(part("snippet"), article.passage.snippet, article.locale);
  const terms = article.reason?.terms ?? article.matched ?? [];
  part("reason").hidden = terms.length === 0;
  part("terms").textContent = terms.join(", ");
  element.article = article;
  return element;
}

// The words of an audience that have a text, in it.
function audience(words) {
  return words.split(",").map((w) => word(`audience-${w}`) || w).join(", ");
}

// A snippet is escaped text with <mark>: it is parsed apart from the page and taken over as text and marks alone.
function marked(target, snippet, lang) {
  const parsed = new DOMParser().parseFromString(snippet, "text/html").body;
  target.lang = lang;
  target.replaceChildren(...[...parsed.childNodes].map((node) => {
    if (node.nodeName !== "MARK") return document.createTextNode(node.textContent);
    const mark = document.createElement("mark");
    mark.textContent = node.textContent;
    return mark;
  }));
}

function address(article) {
  const there = new URL(article.url, location.origin);
  if (article.passage.anchor) there.hash = article.passage.anchor;
  return there.href;
}

// ---- what the agent does

async function act(element, name) {
  const { article } = element;
  switch (name) {
    case "link":
      return warned(element) && insert(element, "link", null);
    case "excerpt":
      return warned(element) && insert(element, "excerpt", await passage(article));
    case "copy":
      if (!warned(element)) return undefined;
      await copy(address(article));
      return log(article, "copied");
    case "preview":
      return preview(element);
    case "helpful":
      element.querySelector('[data-act="helpful"]').setAttribute("aria-pressed", "true");
      say("word-noted");
      return log(article, "helpful");
    case "dismiss":
      return dismiss(element);
    default:
      return undefined;
  }
}

function passage(article) {
  const parameters = article.passage.anchor ? `?${new URLSearchParams({ anchor: article.passage.anchor })}` : "";
  return ask(() => api("GET", `/api/v1/articles/${article.article}/translations/${article.locale}/passage${parameters}`), again);
}

async function preview(element) {
  const box = element.querySelector('[data-part="preview"]');
  const button = element.querySelector('[data-act="preview"]');
  if (box.hidden && !box.textContent) {
    const found = await passage(element.article);
    if (!found) return;
    box.lang = element.article.locale;
    box.replaceChildren(...found.text.split("\n").map((line) => {
      const paragraph = document.createElement("p");
      paragraph.textContent = line;
      return paragraph;
    }));
  }
  box.hidden = !box.hidden;
  button.setAttribute("aria-expanded", String(!box.hidden));
  grow();
}

// The one gate of every way that takes an article out of here: one that not everybody can open goes at the second press,
// after the warning was shown.
function warned(element) {
  const { readers } = element.article;
  const warning = element.querySelector('[data-part="warning"]');
  if (readers === "public" || !readers || !warning.hidden) return true;
  element.querySelector('[data-part="warning-text"]').textContent = word(`warning-${readers}`);
  warning.hidden = false;
  grow();
  return false;
}

function insert(element, mode, excerpt) {
  const { article } = element;
  if (mode === "excerpt" && !excerpt) return undefined;
  const url = address(article);
  const quote = excerpt ? `<blockquote>${escaped(excerpt.text)}</blockquote>` : "";
  const text = excerpt ? `${excerpt.text}\n\n${article.title}: ${url}` : `${article.title}: ${url}`;
  const anchor = `<a href="${escaped(url)}">${escaped(article.title)}</a>`;
  if (!host) {
    return copy(text);
  }
  send({ type: "insert", mode, html: quote + anchor, text, url, article: article.article });
  return log(article, "inserted", mode);
}

// The clipboard may be closed to a frame; the link of the title can be copied by hand then.
function copy(text) {
  return navigator.clipboard.writeText(text).then(() => say("word-copied"), () => say("word-not-copied"));
}

function escaped(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}

function dismiss(element) {
  const gone = $("dismissed").content.firstElementChild.cloneNode(true);
  gone.querySelector('[data-part="title"]').textContent = element.article.title;
  gone.querySelector("button").addEventListener("click", () => {
    gone.replaceWith(element);
    element.focus();
    log(element.article, "undone");
  });
  element.replaceWith(gone);
  gone.querySelector("button").focus();
  log(element.article, "dismissed");
  grow();
}

// The log is a courtesy: what the agent did has happened, whether or not it could be noted.
function log(article, action, mode) {
  if (!suggestion) return;
  const note = { action, article: article.article, ...(mode && { mode }) };
  api("POST", `/api/v1/suggestions/${suggestion}/actions`, note).catch(() => {});
}

// ---- the frame contract

function send(message) {
  window.parent.postMessage({ sidenote: 1, ...message }, host);
}

addEventListener("message", (event) => {
  const message = event.data;
  if (message?.sidenote !== 1) return;
  if (!framed || event.source !== window.parent || !origins.includes(event.origin)) return;
  host = event.origin;
  if (message.type === "hello") {
    if (typeof message.token === "string") frame.take(message.token);
    if (message.theme) document.documentElement.dataset.theme = message.theme;
    if (message.locale && message.locale !== document.documentElement.lang) {
      const there = new URL(location.href);
      if (there.searchParams.get("locale") !== message.locale) {
        there.searchParams.set("locale", message.locale);
        location.replace(there);
        return;
      }
    }
    if (message.ticket) ticket = message.ticket;
    suggestOnce();
  }
  if (message.type === "ticket") {
    ticket = message.ticket;
    suggestOnce();
  }
  if (message.type === "inserted") say(message.ok ? "word-inserted" : "word-not-inserted");
});

// ---- hands

cards.addEventListener("click", (event) => {
  const name = event.target.closest("[data-act]")?.dataset.act;
  const element = event.target.closest(".hit");
  if (name && element?.article) act(element, name);
  else if (event.target.closest('[data-part="title"]')) log(element.article, "opened");
});

cards.addEventListener("keydown", (event) => {
  const element = event.target.closest(".hit");
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || !element) return;
  const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  if (step) {
    event.preventDefault();
    const next = element[step];
    if (!next) return;
    element.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  } else if (event.target === element && event.key === "Enter") act(element, "preview");
  else if (event.target === element && event.key === "i") act(element, "link");
});

$("find").addEventListener("submit", (event) => {
  event.preventDefault();
  search();
});
query.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.isComposing) event.preventDefault();
  if (event.key === "Escape" && query.value) suggest();
});
locale.addEventListener("change", () => (query.value ? search() : suggest()));
$("again").addEventListener("click", suggest);
$("retry").addEventListener("click", () => again?.());
$("sign-in").addEventListener("click", () => frame.signIn(suggest));
new ResizeObserver(grow).observe(body);

// ---- the start

if (framed) {
  for (const origin of origins) window.parent.postMessage({ sidenote: 1, type: "ready" }, origin);
  show("loading");
  // A host that does not greet has no bearer for us; one that was kept needs no greeting.
  setTimeout(() => frame.has() || show("signed-out"), 300);
} else {
  frame.forget();
  const answer = await ask(() => api("POST", "/api/v1/frame-bearers"), () => location.reload());
  if (answer) {
    frame.take(answer);
    const { system, ticket: id } = body.dataset;
    const path = `/api/v1/tickets/${encodeURIComponent(system)}/${encodeURIComponent(id)}`;
    if (id) ticket = await ask(() => api("GET", path), () => location.reload());
    if (!id || ticket) suggest();
  }
}
