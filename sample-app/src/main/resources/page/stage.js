// The nodes, and on each its children as chips, which fly when another node takes them over.
import { element, tone } from "./shared.js";

const GAP = 8;
const ACTIONS = { kill: "kill -9", pause: "pause", resume: "resume", stop: "stop", start: "start" };
const TITLES = {
  kill: "SIGKILL: the process is gone at once",
  pause: "SIGSTOP: the process stands still and does not know it",
  resume: "SIGCONT: the process goes on",
  stop: "SIGTERM: the node hands its children over and leaves",
  start: "Start the node again",
};
const HINTS = { STARTING: "Starting takes some seconds.", RUNNING: "No relay here. Ready to take over.", FAILED: "It ended by itself: see its log." };
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const stage = document.getElementById("stage");
const nodes = new Map();
const chips = new Map();

async function act(number, action) {
  await fetch(`api/nodes/${number}/${action}`, { method: "POST", headers: { "X-Requested-By": "page" } });
}

async function showLog(node) {
  const answer = await fetch(`api/nodes/${node.number}/log`);
  document.getElementById("log-title").textContent = `Log of ${node.name}`;
  const text = document.getElementById("log-text");
  text.textContent = (await answer.text()) || "Nothing yet.";
  document.getElementById("log").showModal();
  text.scrollTop = text.scrollHeight;
}

function createNode(node) {
  const card = element("article", "node");
  const head = element("div", "node-head");
  const foot = element("div", "node-head");
  const part = { card, pid: element("span", "pid"), state: element("span", "state"), seats: element("div", "seats"), buttons: {} };
  head.append(element("strong", "", node.name), part.state);
  const row = element("div", "buttons");
  Object.entries(ACTIONS).forEach(([action, text]) => {
    const button = element("button", action, text);
    button.title = TITLES[action];
    button.addEventListener("click", () => act(node.number, action));
    part.buttons[action] = button;
    row.append(button);
  });
  const log = element("button", "log", "log");
  log.addEventListener("click", () => showLog(node));
  foot.append(part.pid, log);
  card.append(head, foot, part.seats, row);
  card.style.setProperty("--tone", tone(node.name));
  document.getElementById("nodes").append(card);
  nodes.set(node.name, part);
  return part;
}

/** Pause and resume share a place. */
function hidden(action, state, hasSignals) {
  if (action === "pause") return !hasSignals || state === "PAUSED";
  if (action === "resume") return state !== "PAUSED";
  return action === "stop" && !hasSignals;
}

function showNode(node, hasSignals) {
  const part = nodes.get(node.name) ?? createNode(node);
  part.card.className = `node ${node.state}`;
  part.pid.textContent = node.pid ? `pid ${node.pid} · port ${node.port}` : `port ${node.port}`;
  part.state.textContent = node.state.toLowerCase();
  Object.entries(part.buttons).forEach(([action, button]) => {
    button.disabled = !node.actions.includes(action);
    button.hidden = hidden(action, node.state, hasSignals);
  });
}

function createChip(child) {
  const chip = element("div", "chip");
  chip.append(element("b", "", String(child.tenant)), element("span", "token"), element("span", "phase"));
  document.getElementById("chips").append(chip);
  const part = { chip, node: null, delivered: child.delivered, x: null, y: null };
  chips.set(child.tenant, part);
  return part;
}

function showChip(child, nodeState) {
  const part = chips.get(child.tenant) ?? createChip(child);
  const { chip } = part;
  chip.style.setProperty("--tone", tone(child.node));
  chip.classList.toggle("lost", !child.running);
  chip.classList.toggle("frozen", child.running && nodeState === "PAUSED");
  chip.style.visibility = child.node ? "visible" : "hidden";
  const token = chip.querySelector(".token");
  token.textContent = child.token ? `…${String(child.token).slice(-4)}` : "";
  chip.title = child.token ? `fencing token ${child.token}` : "";
  const odd = child.phase && child.phase !== "RUNNING" && nodeState === "RUNNING";
  chip.querySelector(".phase").textContent = odd ? child.phase.toLowerCase() : "";
  if (child.delivered > part.delivered && child.running) {
    chip.classList.remove("beat");
    void chip.offsetWidth; // restarts the animation
    chip.classList.add("beat");
  }
  part.delivered = child.delivered;
  return part;
}

function fly(part, x, y) {
  const { chip } = part;
  const lift = Math.min(120, 40 + Math.abs(x - part.x) / 6);
  const middle = `translate(${(part.x + x) / 2}px, ${Math.min(part.y, y) - lift}px) scale(1.25)`;
  chip.classList.add("flying");
  chip.animate(
    [{ transform: `translate(${part.x}px, ${part.y}px)` }, { transform: middle, offset: 0.5 }, { transform: `translate(${x}px, ${y}px)` }],
    { duration: 900, easing: "cubic-bezier(.45, 0, .3, 1)" },
  ).onfinish = () => chip.classList.remove("flying");
}

function place(part, node, x, y) {
  if (part.x !== null && part.node !== node && !calm.matches) fly(part, x, y);
  part.chip.style.transform = `translate(${x}px, ${y}px)`;
  Object.assign(part, { node, x, y });
}

function seat(name, children, hint) {
  const part = nodes.get(name);
  if (!part) return;
  part.seats.dataset.hint = children.length ? "" : hint;
  const size = parseFloat(getComputedStyle(document.documentElement).fontSize) * 2.6;
  const origin = stage.getBoundingClientRect();
  const area = part.seats.getBoundingClientRect();
  const columns = Math.max(1, Math.floor((area.width + GAP) / (size + GAP)));
  const rows = Math.ceil(children.length / columns);
  part.seats.style.minHeight = `${Math.max(2, rows) * (size + GAP) + GAP}px`;
  children.forEach((child, i) => {
    const x = area.left - origin.left + (i % columns) * (size + GAP);
    const y = area.top - origin.top + Math.floor(i / columns) * (size + GAP);
    place(chips.get(child.tenant), name, x, y);
  });
}

export function showStage(state) {
  const states = new Map(state.nodes.map((node) => [node.name, node.state]));
  state.nodes.forEach((node) => showNode(node, state.hasSignals));
  state.children.forEach((child) => showChip(child, states.get(child.node)));
  states.forEach((nodeState, name) => {
    seat(name, state.children.filter((child) => child.node === name), HINTS[nodeState] ?? "");
  });
}
