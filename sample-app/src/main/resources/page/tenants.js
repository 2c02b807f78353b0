// Each tenant's throughput.
import { element, path, svg, tone } from "./shared.js";

const LENGTH = 100;
const MANY = 50;
const parts = new Map();

function create(child) {
  const card = element("div", "tenant");
  const head = element("div");
  const foot = element("div");
  const part = {
    card,
    rate: element("b"),
    token: element("span", "token"),
    waits: element("span", "waits"),
    line: svg("path", { class: "line" }),
    rates: [],
  };
  head.append(element("span", "", `tenant ${child.tenant}`), part.rate);
  foot.append(part.token, part.waits);
  const chart = svg("svg", { viewBox: "0 0 100 24", preserveAspectRatio: "none", "aria-hidden": "true" });
  chart.append(part.line);
  card.append(head, chart, foot);
  document.getElementById("tenants").append(card);
  parts.set(child.tenant, part);
  return part;
}

export function showTenants(state) {
  state.children.forEach((child) => {
    const part = parts.get(child.tenant) ?? create(child);
    part.rates.push(child.rate);
    if (part.rates.length > LENGTH) part.rates.shift();
    part.card.style.setProperty("--tone", tone(child.running ? child.node : null));
    part.rate.textContent = child.rate.toFixed(1);
    part.token.textContent = child.token ? `#${child.token}` : "no run yet";
    part.waits.textContent = child.waiting > 0 ? `${child.waiting} wait` : "";
    part.waits.classList.toggle("many", child.waiting >= MANY);
    part.line.setAttribute("d", path(part.rates, LENGTH, 100, 24, Math.max(10, ...part.rates)));
  });
}
