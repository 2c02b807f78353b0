// The row of figures: how much was delivered, and that all of it was right.
import { path, whole } from "./shared.js";

const LENGTH = 150;
const rates = [];
const area = document.querySelector("#rate-line .area");
const line = document.querySelector("#rate-line .line");

function showCheck(name, value) {
  const figure = document.getElementById(`check-${name}`);
  figure.querySelector(".value").textContent = whole(value);
  figure.className = `figure check ${value === 0 ? "ok" : "wrong"}`;
}

export function showFigures(state) {
  document.getElementById("delivered").textContent = whole(state.audit.delivered);
  document.getElementById("rate").textContent = whole(state.perSecond);
  document.getElementById("waiting").textContent = whole(state.waiting);
  ["duplicates", "reorderings", "gaps", "staleWrites"].forEach((name) => showCheck(name, state.audit[name]));
  rates.push(state.perSecond);
  if (rates.length > LENGTH) rates.shift();
  const drawn = path(rates, LENGTH, 120, 36, Math.max(10, ...rates) * 1.6);
  line.setAttribute("d", drawn);
  area.setAttribute("d", `${drawn}L120 36L${120 - (rates.length - 1) * (120 / (LENGTH - 1))} 36Z`);
}
