// What if: the score anew with other bins, by the points of the scorecard that the page carries.

const MINUS = "\u2212";

function signed(n) {
  return `${n > 0 ? "+" : n < 0 ? MINUS : "+"}${Math.abs(n)}`;
}

// Cell of a measure: its bins in order, then absent, then not shared. A firm outside the bins has
// one place before them.
function cell(measure, place) {
  const outside = measure.at >= measure.cells.length;
  return outside ? (place ? place - 1 : measure.at) : place;
}

function worth({ cells, absent }, at) {
  return at < cells.length ? cells[at].points : at === cells.length ? absent : 0;
}

// Points, probability of default in ppm and grade of a firm in the given cells.
function score({ card, grades }, cells) {
  const own = card.measures.map((m, i) => worth(m, cells[i]));
  const place = Object.fromEntries(card.measures.map((m, i) => [m.measure, cells[i]]));
  const pairs = card.pairs.map(({ measures: [a, b], points }) => points[place[a]]?.[place[b]] ?? 0);
  const points = [card.base, ...own, ...pairs].reduce((sum, n) => sum + n, 0);
  const { pdo, odds, at } = card.scaling;
  const factor = pdo / Math.LN2;
  const pd = Math.round(1e6 / (1 + Math.exp((points - at) / factor + Math.log(odds))));
  const grade = (grades.find((g) => pd < g.below) ?? grades.at(-1))?.grade ?? "";
  return { points, pd, grade, pairs };
}

function start(box) {
  const data = JSON.parse(box.querySelector("script").textContent);
  const levers = [...box.querySelectorAll("[data-lever]")];
  const inputs = levers.map((l) => l.querySelector("input"));
  const out = (name) => box.querySelector(`[data-out="${name}"]`);
  const first = score(data, data.card.measures.map((m) => m.at)).points;

  function show() {
    const cells = inputs.map((input, i) => cell(data.card.measures[i], Number(input.value)));
    const now = score(data, cells);
    out("points").textContent = String(now.points);
    out("more").textContent = now.points === first ? "" : signed(now.points - first);
    out("pd").textContent = `${(now.pd / 1e4).toFixed(2)}%`;
    out("pd").dataset.ppm = now.pd;
    out("grade").textContent = now.grade;
    out("grade").className = `grade-${now.grade}`;
    box.querySelectorAll("[data-pair]").forEach((o, i) => { o.textContent = signed(now.pairs[i]); });
    levers.forEach((lever, i) => {
      const bins = [...lever.querySelectorAll(".bins li")];
      const chosen = bins[Number(inputs[i].value)];
      bins.forEach((bin) => bin.classList.toggle("chosen", bin === chosen));
      lever.classList.toggle("moved", inputs[i].value !== inputs[i].dataset.now);
      lever.querySelector("output").textContent = chosen.title;
      inputs[i].setAttribute("aria-valuetext", `${chosen.title}, ${chosen.textContent}`);
    });
  }

  levers.forEach((lever, i) => {
    lever.style.setProperty("--n", lever.querySelectorAll(".bins li").length);
    inputs[i].addEventListener("input", show);
    lever.querySelectorAll(".bins li").forEach((bin, at) => bin.addEventListener("click", () => {
      inputs[i].value = at;
      inputs[i].focus();
      show();
    }));
  });
  box.querySelectorAll("[data-act]").forEach((button) => button.addEventListener("click", () => {
    inputs.forEach((input) => { input.value = input.dataset[button.dataset.act]; });
    show();
  }));
  show();
}

document.querySelectorAll("[data-whatif]").forEach(start);
