// Small helpers that several parts use.
const number = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

export const whole = (value) => number.format(value);

export const millis = (value) => (value === null ? "" : value < 9.95 ? `${value.toFixed(1)} ms` : `${whole(value)} ms`);

/** The colour of a node, as a CSS variable. */
export const tone = (node) => (node ? `var(--n${((Number(node.replace(/\D/g, "")) - 1) % 9) + 1})` : "var(--soft)");

/** An element with a class and a text. */
export function element(name, className = "", text = "") {
  const created = document.createElement(name);
  created.className = className;
  created.textContent = text;
  return created;
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(name, attributes) {
  const created = document.createElementNS(SVG, name);
  Object.entries(attributes).forEach(([key, value]) => created.setAttribute(key, value));
  return created;
}

/** An SVG path through values, newest at the right edge. */
export function path(values, length, width, height, top) {
  const step = width / (length - 1);
  const left = width - (values.length - 1) * step;
  return values
    .map((value, i) => `${i ? "L" : "M"}${(left + i * step).toFixed(1)} ${(height - 1 - (value / top) * (height - 3)).toFixed(1)}`)
    .join("");
}
