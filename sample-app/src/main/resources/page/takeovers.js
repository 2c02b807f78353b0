// The last takeovers and what they cost.
import { element, millis, tone } from "./shared.js";

const FAULTS = { KILL: "kill -9", PAUSE: "pause", STOP: "stop" };
const body = document.querySelector("#takeovers tbody");

function ago(ms) {
  const seconds = Math.round(ms / 1000);
  return seconds < 90 ? `${seconds} s ago` : `${Math.round(seconds / 60)} min ago`;
}

function cell(text, className = "n") {
  return element("td", className, text);
}

function row(takeover) {
  const created = element("tr");
  const fault = cell(`${FAULTS[takeover.kind]} `, "");
  const node = element("b", "", takeover.node);
  node.style.color = tone(takeover.node);
  fault.append(node, element("span", "ago", ago(takeover.ago)));
  const complete = takeover.moved === takeover.children;
  created.append(
    fault,
    cell(complete ? String(takeover.children) : `${takeover.moved} of ${takeover.children}`, complete ? "n" : "n pending"),
    cell(millis(takeover.firstMillis)),
    cell(millis(takeover.medianMillis)),
    cell(millis(takeover.lastMillis)),
  );
  return created;
}

export function showTakeovers(state) {
  body.replaceChildren(...state.takeovers.map(row));
  document.getElementById("takeovers").hidden = state.takeovers.length === 0;
  document.getElementById("no-takeovers").hidden = state.takeovers.length > 0;
}
