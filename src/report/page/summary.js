import { cardElement, fact } from "./cards.js";
import { byId, element } from "./dom.js";
import { decimal, megahertz, percent, seconds, si, signedPercent, whole, withUnit } from "./format.js";

/** @typedef {import("../page-data.ts").PageData} PageData */
/** @typedef {import("./cards.js").Card} Card */

/** Title, facts, the answer in one sentence, and the headline figures. @param {PageData} data */
export function showSummary(data) {
  const { title } = data;
  byId("title").textContent = `${title.model} on ${title.machine}`;
  const facts = [fact("Device", title.device), fact("Compression", title.compression)];
  if (title.machineSummary !== undefined) facts.unshift(fact("Machine", title.machineSummary));
  const { cores = 1 } = title;
  if (cores > 1)
    facts.push(fact("Cores", `${cores}; bytes and operations are of all, units and cycles of the first`));
  byId("facts").append(...facts);
  byId("verdict").textContent = verdict(data);
  if (title.prompt + title.text === "") byId("text-section").remove();
  else byId("text").append(element("span", { class: "prompt" }, title.prompt), title.text);
  byId("cards").append(...cards(data).map(cardElement));
}

/** @param {PageData} data */
function verdict({ headline }) {
  const { bound, rooflineShare } = headline;
  return (
    `One token takes ${withUnit(whole(headline.cyclesPerToken), "cycles")}: ` +
    `${withUnit(decimal(headline.tokensPerSecond), "tokens/s")} at ${megahertz(headline.clockMHz)}. ` +
    `It is ${bound.kind}-bound by ${bound.resource}, at ${percent(rooflineShare)} of what the roofline allows.`
  );
}

/** @param {PageData} data @returns {Card[]} */
function cards({ headline, provenance }) {
  const { quality, bytesPerToken, bound } = headline;
  const [traffic = "", trafficUnit = ""] = si(bytesPerToken.total, "B").split("\u00a0");
  /** @type {Card[]} */
  const shown = [
    {
      name: "Speed",
      value: decimal(headline.tokensPerSecond),
      unit: "tokens/s",
      details: [
        `${seconds(1 / headline.tokensPerSecond)} a token`,
        `clock ${megahertz(headline.clockMHz)}, ${provenance.clock}`,
      ],
      origin: provenance.speed,
    },
    {
      name: "Cycles",
      value: whole(headline.cyclesPerToken),
      unit: "a token",
      details: [`mean of ${withUnit(whole(headline.tokens), headline.tokens === 1 ? "token" : "tokens")}`],
      origin: provenance.speed,
    },
    {
      name: "Traffic",
      value: traffic,
      unit: `${trafficUnit} a token`,
      details: [`${withUnit(decimal(headline.bitsPerWeight), "bits")} a weight, all included`],
      origin: provenance.bytes,
    },
    {
      name: "Bound",
      value: bound.kind,
      unit: "",
      details: [`by ${bound.resource}`, `${percent(headline.rooflineShare)} of the roofline`],
      origin: provenance.roofline,
    },
  ];
  if (quality !== null) {
    shown.push(qualityCard(quality, provenance.quality));
  }
  shown.push(agreement(headline));
  return shown;
}

/** @param {NonNullable<PageData["headline"]["quality"]>} quality @param {string} origin @returns {Card} */
function qualityCard({ perplexity, densePerplexity, answers, denseAnswers, note }, origin) {
  const change = signedPercent(perplexity / densePerplexity - 1);
  const asked = answers !== null && denseAnswers !== null;
  return {
    name: "Quality",
    value: perplexity.toPrecision(4),
    unit: "perplexity",
    details: [
      `uncompressed ${densePerplexity.toPrecision(4)} (${change})`,
      ...(asked ? [`answers ${percent(answers)}, uncompressed ${percent(denseAnswers)}`] : []),
      note,
    ],
    origin,
  };
}

/** Whether the simulated words are the integer decoder's. @param {PageData["headline"]} headline @returns {Card} */
function agreement({ wordsCompared, wordsEqual }) {
  const name = "Agreement";
  if (wordsCompared === 0) {
    return { name, value: "not checked", unit: "", details: ["only timing was simulated"], origin: "" };
  }
  const differing = wordsCompared - wordsEqual;
  return {
    name,
    value: differing === 0 ? "bit-exact" : whole(differing),
    unit: differing === 0 ? "" : "words differ",
    details: [`${whole(wordsEqual)} of ${whole(wordsCompared)} words equal the integer decoder's`],
    origin: "simulated",
    alarm: differing !== 0,
  };
}

/** Marks the heading of each section with the origin of its figures. @param {PageData} data */
export function showOrigins({ provenance }) {
  const origins = {
    roofline: provenance.roofline,
    bytes: provenance.bytes,
    utilisation: provenance.utilisation,
    units: provenance.timeline,
    timeline: provenance.timeline,
    operators: provenance.operators,
  };
  for (const [section, origin] of Object.entries(origins)) {
    byId(`${section}-heading`).append(" ", element("span", { class: "origin" }, origin));
  }
}

/** @param {PageData} data */
export function showLadder({ ladder }) {
  byId("ladder").append(
    ...ladder.map(({ rung, what, equal, why }) => {
      const [state, word] =
        equal === null ? ["open", "not climbed"] : equal ? ["equal", "✓ equal"] : ["differs", "✗ differs"];
      return element(
        "li",
        { class: state },
        element("span", { class: "rung" }, String(rung)),
        element("span", { class: "what" }, what),
        element("span", { class: "state" }, word),
        element("span", { class: "why" }, why),
      );
    }),
  );
}
