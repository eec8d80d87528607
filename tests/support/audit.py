"""What a page gets wrong for people who do not see, point or read as others do, by axe-core."""

from importlib.resources import files

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
"""The rules of WCAG 2.2, levels A and AA, and the best practices, as axe-core checks them."""
RUN = """async () => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const rules = {"target-size": {enabled: true}};
  sparing(axe._audit.rules.find((rule) => rule.id === "color-contrast"));
  const {violations} = await axe.run(document, {runOnly: tags, rules, resultTypes: ["violations"]});
  const own = [...document.querySelectorAll("svg")].filter(
    (e) => !e.closest("[aria-hidden=true], [aria-label], [role=img]") && e.clientWidth);
  return [
    ...violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 120)} ${
      n.failureSummary.split("\\n")[1] ?? ""}`)),
    ...own.map((e) => `silent drawing: ${e.outerHTML.slice(0, 120)}`),
  ];
}"""

SPARING = """function sparing(rule) {
  const {matches} = rule, seen = new Map();
  const kept = (of, told = new WeakMap()) => (e) => {
    if (!told.has(e)) told.set(e, of(e));
    return told.get(e);
  };
  const painted = ["color", "backgroundColor", "backgroundImage", "opacity", "filter", "textShadow",
                   "fontSize", "fontWeight", "position", "zIndex", "display"];
  const own = kept((e) => {
    const style = getComputedStyle(e);
    return painted.map((name) => style[name]).join(";");
  });
  const over = kept((e) => [...e.children].map(own).filter((t) => !t.includes("static")).join());
  const way = kept((e) => own(e) + (e.parentElement
    ? `|${over(e.parentElement)}>${way(e.parentElement)}` : ""));
  rule.matches = (e, node) => {
    const key = way(e), n = seen.get(key) ?? 0;
    const asked = n < 3 && matches.call(rule, e, node);
    if (asked) seen.set(key, n + 1);
    return asked;
  };
}"""
"""Contrast takes most of an audit: three texts are measured of all that are painted alike.

Alike is what has the same styles itself, in all around it and in all that may lie over or under it.
"""


def audit(page: object) -> list[str]:
    """Return what is wrong on a page of Playwright: each with its rule and the element."""
    page.evaluate(f"() => {{ {AXE} }}")  # past the policy of the page, as a debugger would
    return page.evaluate(f"() => {{ {SPARING} return ({RUN})(); }}")
