// Charts from the JSON that stands beside them; colours come from the style sheet.

const zh = document.documentElement.lang.startsWith("zh");
const UNITS = zh ? [[1e8, "亿"], [1e4, "万"]] : [[1e9, "bn"], [1e6, "m"], [1e3, "k"]];

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

// Yuan of so many fen, short: 1.2万, 12k.
export function short(fen) {
  const yuan = fen / 100;
  for (const [size, unit] of UNITS) {
    if (Math.abs(yuan) >= size) return `${+(yuan / size).toFixed(2)}${unit}`.replace("-", "−");
  }
  return `${+yuan.toFixed(2)}`.replace("-", "−");
}

// Yuan to the fen, for tooltips.
export function exact(fen) {
  const shown = new Intl.NumberFormat("en", { minimumFractionDigits: 2 }).format(fen / 100);
  return shown.replace("-", "−");
}

function common() {
  const text = { color: colour("ink"), fontFamily: getComputedStyle(document.body).fontFamily };
  return {
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    animationDuration: 300,
    textStyle: text,
    // Rich text is drawn on the canvas: the other way would need inline styles.
    tooltip: {
      renderMode: "richText",
      confine: true,
      backgroundColor: colour("sheet"),
      borderColor: colour("line-strong"),
      textStyle: { ...text, fontSize: 12 },
    },
  };
}

function axes(categories, write) {
  const line = { lineStyle: { color: colour("line-strong") } };
  return {
    xAxis: { type: "category", data: categories, axisLine: line, axisTick: { show: false },
      axisLabel: { color: colour("soft"), hideOverlap: true } },
    yAxis: { type: "value", splitLine: { lineStyle: { color: colour("line") } },
      axisLabel: { color: colour("soft"), formatter: write } },
  };
}

function legend() {
  return { bottom: 0, itemWidth: 12, itemHeight: 8, textStyle: { color: colour("ink") } };
}

// Sales above the line, purchases below; red-letter amounts inside them, void ones as circles.
function invoices({ rows, labels }) {
  const bar = (name, sign, ink, width) => ({
    name: labels[name], type: "bar", barGap: "-100%", barWidth: width, color: colour(ink),
    data: rows.map((r) => sign * Math.abs(r[name])),
  });
  const voids = (side, sign) => ({
    name: labels.void, type: "scatter", symbol: "emptyCircle", symbolSize: 6, color: colour("soft"),
    data: rows.map((r) => (r[`${side}_void`] ? sign * r[`${side}_void`] : null)),
  });
  const base = common();
  return {
    ...base,
    ...axes(rows.map((r) => r.month), short),
    grid: { left: 8, right: 8, top: 12, bottom: 34, containLabel: true },
    legend: legend(),
    tooltip: { ...base.tooltip, trigger: "axis", valueFormatter: (v) => (v == null ? "–" : exact(v)) },
    series: [
      bar("sales_valid", 1, "plus", "60%"),
      bar("purchases_valid", -1, "bar-2", "60%"),
      bar("sales_red", 1, "minus", "25%"),
      bar("purchases_red", -1, "minus", "25%"),
      voids("sales", 1),
      voids("purchases", -1),
    ],
  };
}

// Between and within belts, stacked to the whole.
function gap({ rows, measure, vintage, labels }) {
  const found = rows.filter((r) => r.measure === measure && r.vintage === vintage);
  const periods = [...new Set(found.map((r) => r.period))].sort();
  const at = (part) => periods.map((p) => found.find((r) => r.period === p && r.part === part)?.value ?? null);
  const bar = (part, ink) => ({
    name: labels[part], type: "bar", stack: "all", barMaxWidth: 36, color: colour(ink), data: at(part),
  });
  const base = common();
  return {
    ...base,
    ...axes(periods, (v) => v.toFixed(3)),
    grid: { left: 8, right: 8, top: 12, bottom: 34, containLabel: true },
    legend: legend(),
    tooltip: { ...base.tooltip, trigger: "axis", valueFormatter: (v) => (v == null ? "–" : v.toFixed(4)) },
    series: [bar("between", "plus"), bar("within", "bar-2"),
      { name: labels.total, type: "line", color: colour("ink"), data: at("total") }],
  };
}

// Shares of what each axis could be: those of the firm upon the usual ones.
function radar({ axes, labels }) {
  const base = common();
  const shape = (name, key, ink, type, area) => ({
    name: labels[name], value: axes.map((a) => a[key]), symbolSize: 5,
    itemStyle: { color: colour(ink) }, lineStyle: { color: colour(ink), type, width: 2 },
    areaStyle: { color: colour(ink), opacity: area },
  });
  return {
    ...base,
    legend: legend(),
    tooltip: { ...base.tooltip, trigger: "item", valueFormatter: (v) => `${Math.round(100 * v)}%` },
    radar: {
      center: ["50%", "47%"], radius: "62%", splitNumber: 4,
      indicator: axes.map((a) => ({ name: a.label, min: 0, max: 1 })),
      axisName: { color: colour("ink"), fontSize: 12, width: 96, overflow: "break" },
      axisLine: { lineStyle: { color: colour("line") } },
      splitLine: { lineStyle: { color: colour("line") } },
      splitArea: { show: false },
    },
    series: [{ type: "radar", data: [
      shape("median", "median", "bar-2", "dashed", 0.06),
      shape("firm", "share", "plus", "solid", 0.28),
    ] }],
  };
}

// A dot for each row with its interval as a line; the first row on top.
function spans({ rows }, box) {
  const base = common();
  const room = Math.min(240, Math.max(90, box.clientWidth * 0.3));
  const { xAxis, yAxis } = axes(rows.map((r) => r.name), (v) => `${v}`.replace("-", "−"));
  const ink = (r) => colour(r.points < 0 ? "minus" : "plus");
  const reach = (params, api) => {
    const [x1, y] = api.coord([api.value(1), api.value(0)]);
    const [x2] = api.coord([api.value(2), api.value(0)]);
    return { type: "line", shape: { x1, y1: y, x2, y2: y },
      style: { stroke: ink(rows[params.dataIndex]), lineWidth: 3, opacity: 0.45 } };
  };
  return {
    ...base,
    grid: { left: 8, right: 20, top: 12, bottom: 8, containLabel: true },
    xAxis: { ...yAxis, position: "top" },
    yAxis: { ...xAxis, inverse: true, axisLabel: { color: colour("soft"), width: room, overflow: "truncate", interval: 0 } },
    tooltip: { ...base.tooltip, trigger: "item", formatter: ({ dataIndex: i }) =>
      [`${rows[i].name}  ${rows[i].points} (${rows[i].low} … ${rows[i].high})`.replaceAll("-", "−"), ...rows[i].told].join("\n") },
    series: [
      { type: "custom", renderItem: reach, encode: { x: [1, 2], y: 0 },
        data: rows.map((r, i) => ({ value: [i, r.low, r.high], link: r.link })) },
      { type: "scatter", symbolSize: 9, encode: { x: 1, y: 0 },
        data: rows.map((r, i) => ({ value: [i, r.points], link: r.link, itemStyle: { color: ink(r) } })) },
    ],
  };
}

// Lines of policies: the bad rate (with its interval) by share approved, or who is reached by it.
function reach({ rows, over, x, labels, title }) {
  const inks = { scorecard: "accent", collateral: "bar-2", financials: "minus" };
  const policies = Object.keys(inks).filter((p) => rows.some((r) => r.policy === p));
  const percent = (v) => `${+v.toFixed(1)}%`.replace("-", "−");
  const place = (r) => (over
    ? over.find((o) => o.policy === r.policy && o.approved === r.approved)?.value * 100
    : r[x] / 1e4);
  const points = (policy, y) => rows.filter((r) => r.policy === policy && r[y] != null)
    .map((r) => [place(r), r[y] * 100]).filter(([at]) => Number.isFinite(at));
  const edge = (policy, y) => ({ name: `${labels[policy]} ${y}`, type: "line", symbol: "none",
    silent: true, data: points(policy, y), color: colour(inks[policy]),
    lineStyle: { type: "dotted", width: 1, opacity: 0.8 }, tooltip: { show: false } });
  const base = common();
  const axis = (name, more) => ({ type: "value", name, nameLocation: "middle", axisLabel: {
    color: colour("soft"), formatter: percent }, nameTextStyle: { color: colour("soft") },
    splitLine: { lineStyle: { color: colour("line") } }, axisLine: { show: true,
      lineStyle: { color: colour("line-strong") } }, ...more });
  return {
    ...base,
    xAxis: axis(title.x, { nameGap: 28, max: over ? null : 100 }),
    yAxis: axis(title.y, { nameGap: 38, max: over ? 100 : null }),
    grid: { left: 26, right: 16, top: 14, bottom: 62, containLabel: true },
    legend: { ...legend(), data: policies.map((p) => labels[p]) },
    tooltip: { ...base.tooltip, trigger: "item", formatter: ({ seriesName, data }) =>
      `${seriesName}\n${title.x} ${percent(data[0])}\n${title.y} ${percent(data[1])}` },
    series: [
      ...policies.map((p) => ({ name: labels[p], type: "line", symbolSize: 6, color: colour(inks[p]),
        lineStyle: { width: p === "scorecard" ? 3 : 2 }, data: points(p, "value") })),
      ...(over ? [] : ["low", "high"].map((y) => edge("scorecard", y))),
    ],
  };
}

const KINDS = { gap, invoices, radar, reach, spans };

function show(box) {
  const payload = JSON.parse(box.parentElement.querySelector("script").textContent);
  const chart = globalThis.echarts.init(box);
  const paint = () => chart.setOption(KINDS[box.dataset.chart](payload, box), true);
  paint();
  chart.on("click", ({ data }) => { if (data?.link) location.assign(`${data.link}#evidence`); });
  new ResizeObserver(() => { chart.resize(); paint(); }).observe(box);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
}

// Draw all charts of the page.
export function draw() {
  document.querySelectorAll("[data-chart]").forEach(show);
}
