// A slider for the day, and pictures as files.

const INKS = [
  "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "opacity",
  "font-family", "font-size", "font-weight", "text-anchor", "vector-effect",
];

// A picture with its colours and letters in itself, on the colour that lies behind it.
function alone(svg) {
  const copy = svg.cloneNode(true);
  const [from, to] = [svg, copy].map((s) => [s, ...s.querySelectorAll("*")]);
  from.forEach((e, i) => {
    const style = getComputedStyle(e);
    for (const name of INKS) to[i].setAttribute(name, style.getPropertyValue(name));
  });
  const { width, height } = svg.viewBox.baseVal;
  const behind = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  behind.setAttribute("width", width);
  behind.setAttribute("height", height);
  behind.setAttribute("fill", getComputedStyle(svg.closest("figure")).backgroundColor);
  copy.prepend(behind);
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  return { text: new XMLSerializer().serializeToString(copy), width, height };
}

async function image(svg) {
  const { text, width, height } = alone(svg);
  const picture = new Image();
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await picture.decode();
  const canvas = document.createElement("canvas");
  canvas.width = 2 * width;
  canvas.height = 2 * height;
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

async function save(figure, name) {
  const canvas = figure.querySelector("canvas") ?? await image(figure.querySelector(".drawn svg"));
  const link = document.createElement("a");
  link.href = canvas.toDataURL("image/png");
  link.download = `${name}.png`;
  link.click();
}

// Buttons that save the picture above them as PNG.
export function savers() {
  for (const button of document.querySelectorAll("[data-png]")) {
    const figure = button.closest("figure");
    if (!figure.querySelector(".canvas, .drawn svg")) continue;
    button.addEventListener("click", () => save(figure, button.dataset.name));
    button.hidden = false;
  }
}

// Sliders over days or periods; the field beside them says which.
export function sliders() {
  for (const slider of document.querySelectorAll("input.slider")) {
    const days = slider.dataset.days.split(" ");
    const field = slider.form.elements[slider.dataset.field ?? "until"];
    const say = () => slider.setAttribute("aria-valuetext", days[slider.value]);
    const follow = () => {
      const after = days.findIndex((day) => day > field.value);
      slider.value = field.value && after >= 0 ? Math.max(0, after - 1) : days.length - 1;
      say();
    };
    follow();
    field.addEventListener("change", follow);
    slider.addEventListener("input", () => { field.value = days[slider.value]; say(); });
    slider.addEventListener("change", () => slider.form.requestSubmit());
    slider.hidden = days.length < 2;
  }
}
