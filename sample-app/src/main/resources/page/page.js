// Asks for the state again and again and hands it to the parts of the page.
import { showFigures } from "./figures.js";
import { showStage } from "./stage.js";
import { showTimeline } from "./timeline.js";
import { showTakeovers } from "./takeovers.js";
import { showTenants } from "./tenants.js";

const PERIOD_MS = 200;
const connection = document.getElementById("connection");
const connectionText = document.getElementById("connection-text");

function showConnection(up, text) {
  connection.className = up ? "up" : "down";
  connectionText.textContent = text;
}

async function refresh() {
  const answer = await fetch("api/state", { cache: "no-store" });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const state = await answer.json();
  showConnection(state.databaseAnswers, state.databaseAnswers ? state.database : `${state.database} does not answer`);
  document.getElementById("no-signals").hidden = state.hasSignals;
  showFigures(state);
  showStage(state);
  showTimeline(state);
  showTakeovers(state);
  showTenants(state);
}

async function loop() {
  try {
    await refresh();
  } catch (error) {
    showConnection(false, "the launcher does not answer");
    console.warn(error);
  }
  setTimeout(loop, PERIOD_MS);
}

loop();
