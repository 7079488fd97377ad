// The table of contents marks the heading that is being read.
const links = [...document.querySelectorAll(".toc a[href^='#']")];
const target = (link) => decodeURIComponent(link.hash.slice(1));

const seen = new IntersectionObserver((entries) => {
  const top = entries.find((entry) => entry.isIntersecting);
  if (!top) return;
  for (const link of links) {
    if (target(link) === top.target.id) link.setAttribute("aria-current", "location");
    else link.removeAttribute("aria-current");
  }
}, { rootMargin: "-80px 0px -70% 0px" });

for (const id of new Set(links.map(target))) {
  const heading = document.getElementById(id);
  if (heading) seen.observe(heading);
}
