// What a page gets wrong for people who do not see, point or read as others do.
() => {
  const faults = [];
  const all = (what) => [...document.querySelectorAll(what)];
  const say = (rule, element) => faults.push(`${rule}: ${element.outerHTML.slice(0, 120)}`);
  const name = (e) => (e.getAttribute("aria-label") || e.textContent || e.getAttribute("title") || "").trim();

  if (!document.documentElement.lang) faults.push("html has no lang");
  if (!document.title.trim()) faults.push("no title");
  for (const [what, n] of [["h1", 1], ["main", 1], ["body > header", 1], ["body > footer", 1]]) {
    if (all(what).length !== n) faults.push(`${all(what).length} × ${what}`);
  }
  let level = 0;
  for (const h of all("h1, h2, h3, h4")) {
    const now = Number(h.tagName[1]);
    if (now > level + 1) say("heading skips a level", h);
    level = now;
  }
  const ids = all("[id]").map((e) => e.id);
  ids.filter((id, i) => ids.indexOf(id) !== i).forEach((id) => faults.push(`id twice: ${id}`));
  for (const e of all("a[href], button, summary")) if (!name(e)) say("nameless", e);
  for (const e of all("input:not([type=hidden]), select, textarea")) {
    if (!(e.labels && e.labels.length && name(e.labels[0])) && !e.getAttribute("aria-label")) say("unlabelled", e);
  }
  for (const e of all("nav, form[aria-label], [role=img], [role=group], [role=region]")) {
    if (e.matches("nav, [role]") && !e.getAttribute("aria-label")) say("unlabelled", e);
  }
  for (const e of all("svg")) if (!e.getAttribute("aria-hidden") && !e.getAttribute("aria-label")) say("silent drawing", e);
  for (const e of all("img:not([alt])")) say("no alt", e);
  for (const t of all("table")) if (!t.querySelector("th")) say("table without heads", t);
  for (const e of all("thead th:not([scope])")) say("head without scope", e);
  for (const e of all("dl > *:not(div):not(dt):not(dd), ul > *:not(li), ol > *:not(li)")) say("stray in a list", e);
  for (const e of all("[tabindex]")) if (e.tabIndex > 0) say("tab order forced", e);
  for (const e of all(".scroll")) if (e.tabIndex !== 0) say("cannot scroll by key", e);

  // Contrast of text with what lies behind it, WCAG 2.2 AA.
  const parse = (c) => {
    const [r, g, b, a = 1] = c.match(/[\d.]+/g).map(Number);
    return { rgb: [r, g, b], a };
  };
  const light = ([r, g, b]) => {
    const f = (v) => ((v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b);
  };
  const behind = (e) => {
    for (let up = e; up; up = up.parentElement) {
      if (up.tagName === "a" && up.classList.contains("tile")) return parse(getComputedStyle(up.querySelector("rect")).fill).rgb;
      const { rgb, a } = parse(getComputedStyle(up).backgroundColor);
      if (a === 1) return rgb;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const e = node.parentElement;
    if (!node.data.trim() || e.closest("script, title, option, .hidden, .skip, [aria-hidden]") || !e.getClientRects().length) continue;
    const style = getComputedStyle(e);
    const ink = parse(e instanceof SVGElement ? style.fill : style.color).rgb;
    const [hi, lo] = [light(ink), light(behind(e))].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const ratio = (hi + 0.05) / (lo + 0.05);
    if (ratio < (large ? 3 : 4.5)) say(`contrast ${ratio.toFixed(2)} of '${node.data.trim().slice(0, 20)}'`, e);
  }
  return [...new Set(faults)];
}
