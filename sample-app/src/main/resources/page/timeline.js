// The last minute: a row for each tenant, coloured by the node that ran it, and the faults as vertical lines.
import { tone } from "./shared.js";

const WINDOW_MS = 60_000;
const LEFT = 26;
const BOTTOM = 20;
const TOP = 30;
const MAX_ROW = 24;
const MARKS = { KILL: "kill", PAUSE: "pause", RESUME: "resume", STOP: "stop" };
const canvas = document.getElementById("timeline");
const pen = canvas.getContext("2d");
let shown = null;
let shownAt = 0;
let colours = new Map();

const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function colour(node) {
  if (!colours.has(node)) colours.set(node, style(tone(node).slice(4, -1)));
  return colours.get(node);
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => (colours = new Map()));

function fit() {
  const scale = devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  return { width, height };
}

/** The moment from which a run is late: a newer one of the same tenant has begun. Milliseconds ago, or null. */
function lateFrom(run, runs) {
  const newer = runs.filter((other) => other.tenant === run.tenant && other.token > run.token);
  return newer.length ? Math.max(...newer.map((other) => other.from)) : null;
}

/** When a node stood still: [from, to] in milliseconds ago. */
function pausesOf(node) {
  const changes = shown.faults.filter((fault) => fault.node === node).sort((a, b) => b.ago - a.ago);
  const pauses = [];
  changes.forEach((fault, i) => {
    const next = changes.slice(i + 1).find((later) => later.kind === "RESUME" || later.kind === "KILL");
    if (fault.kind === "PAUSE") pauses.push([fault.ago, next ? next.ago : 0]);
  });
  return pauses;
}

/** Fades the part of a bar in which its node stood still. */
function fade(bar, run, age, x) {
  pen.fillStyle = style("--lane");
  pen.globalAlpha = 0.62;
  pausesOf(run.node).forEach(([from, to]) => {
    const left = Math.max(x(from + age), x(bar.from));
    const right = Math.min(x(to ? to + age : 0), x(bar.to));
    if (right > left) pen.fillRect(left, bar.y, right - left, bar.height);
  });
  pen.globalAlpha = 1;
}

function drawRuns(x, rowHeight, age) {
  shown.runs.forEach((run) => {
    const from = Math.min(run.from + age, WINDOW_MS);
    const to = run.to === null ? 0 : run.to + age;
    const late = lateFrom(run, shown.runs);
    const end = late === null ? to : Math.max(to, Math.min(late + age, WINDOW_MS));
    const y = TOP + (run.tenant - 1) * rowHeight;
    pen.fillStyle = colour(run.node);
    if (from > end) {
      pen.fillRect(x(from), y + 1, Math.max(1, x(end) - x(from)), rowHeight - 2);
      fade({ from, to: end, y: y + 1, height: rowHeight - 2 }, run, age, x);
      pen.fillStyle = colour(run.node);
    }
    if (end > to) {
      pen.globalAlpha = 0.45;
      pen.fillRect(x(end), y + rowHeight - 3, x(to) - x(end), 2);
      pen.globalAlpha = 1;
    }
  });
}

/** In the lower of two rows if there is room, else in the upper, else not at all. */
function writeLabel(text, at, free) {
  const half = pen.measureText(text).width / 2 + 3;
  const row = free.findIndex((end) => at - half >= end);
  if (row < 0) return;
  free[row] = at + half;
  pen.textAlign = "center";
  pen.fillText(text, at, TOP - 6 - 13 * row);
}

function drawFaults(x, height, age) {
  pen.font = "11px system-ui, sans-serif";
  const free = [LEFT, LEFT];
  [...shown.faults].sort((one, other) => other.ago - one.ago).forEach((fault) => {
    const at = x(fault.ago + age);
    if (at <= LEFT) return;
    pen.fillStyle = pen.strokeStyle = fault.kind === "RESUME" ? style("--soft") : style("--ink");
    pen.setLineDash(fault.kind === "KILL" ? [] : [3, 3]);
    pen.beginPath();
    pen.moveTo(at, TOP - 2);
    pen.lineTo(at, height - BOTTOM);
    pen.stroke();
    writeLabel(`${MARKS[fault.kind]} ${fault.node.replace("node-", "")}`, at, free);
  });
  pen.setLineDash([]);
}

function drawFrame(width, height, rowHeight, x) {
  const tenants = shown.children.length;
  pen.fillStyle = style("--lane");
  for (let row = 0; row < tenants; row++) pen.fillRect(LEFT, TOP + row * rowHeight + 1, width - LEFT, rowHeight - 2);
  pen.fillStyle = style("--soft");
  pen.font = "10px system-ui, sans-serif";
  pen.textAlign = "right";
  if (rowHeight >= 10) {
    for (let row = 0; row < tenants; row++) pen.fillText(String(row + 1), LEFT - 6, TOP + (row + 0.5) * rowHeight + 3.5);
  }
  pen.textAlign = "center";
  for (let seconds = 10; seconds < 60; seconds += 10) pen.fillText(`−${seconds} s`, x(seconds * 1000), height - 5);
  pen.textAlign = "right";
  pen.fillText("now", width, height - 5);
}

function draw() {
  if (shown && shown.children.length) {
    const { width, height } = fit();
    const rowHeight = Math.min(MAX_ROW, (height - TOP - BOTTOM) / shown.children.length);
    const age = Math.min(performance.now() - shownAt, 2_000);
    const x = (ago) => width - ((width - LEFT) * Math.min(ago, WINDOW_MS)) / WINDOW_MS;
    const used = TOP + shown.children.length * rowHeight + BOTTOM;
    drawFrame(width, used, rowHeight, x);
    drawRuns(x, rowHeight, age);
    drawFaults(x, used, age);
  }
  requestAnimationFrame(draw);
}

export function showTimeline(state) {
  shown = state;
  shownAt = performance.now();
}

draw();
