"""What a page gets wrong for people who do not see, point or read as others do, by axe-core."""

from importlib.resources import files

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
"""The rules of WCAG 2.2, levels A and AA, and the best practices, as axe-core checks them."""
NARROW = ("target-size", "scrollable-region-focusable", "link-name", "button-name", "label")
"""Rules that a page may break on a phone alone, where less is beside and more below each other."""
RUN = """async (only) => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const rules = {"target-size": {enabled: true}};
  const asked = only.length ? {runOnly: only} : {runOnly: tags, rules};
  const {violations} = await axe.run(document, {...asked, resultTypes: ["violations"]});
  const own = [...document.querySelectorAll("svg")].filter(
    (e) => !e.closest("[aria-hidden=true], [aria-label], [role=img]") && e.clientWidth);
  return [
    ...violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 120)} ${
      n.failureSummary.split("\\n")[1] ?? ""}`)),
    ...own.map((e) => `silent drawing: ${e.outerHTML.slice(0, 120)}`),
  ];
}"""


def audit(page: object, only: tuple[str, ...] = ()) -> list[str]:
    """Return what is wrong on a page of Playwright: each with its rule and the element.

    Parameters
    ----------
    only
        Rules to check; all if none is named.
    """
    # Past the policy of the page, as a debugger would.
    page.evaluate(f"() => {{ if (!window.axe) {{ {AXE} }} }}")
    return page.evaluate(RUN, only)
