import { cardElement, fact } from "./cards.js";
import { byId } from "./dom.js";
import { decimal, megahertz, percent, seconds, si, signedPercent, whole, withUnit } from "./format.js";
import { shortHash } from "./stages.js";

/** @typedef {import("../build-data.ts").BuildReportData} BuildReportData */
/** @typedef {import("./cards.js").Card} Card */

/** Title, facts, the answer in one sentence, and the headline figures. @param {BuildReportData} data */
export function showBuildSummary(data) {
  const { title } = data;
  byId("title").textContent = `${title.model} on ${title.board}`;
  byId("facts").append(
    fact("Part", title.part),
    fact("Machine", `${title.machine}: ${title.machineSummary}`),
    fact("Compression", title.compression),
  );
  byId("verdict").textContent = verdict(data);
  byId("cards").append(...cards(data).map(cardElement));
}

/** @param {BuildReportData} data */
function verdict({ headline }) {
  const { reachedMHz, askedMHz, logicCells, tokensPerSecond, cyclesPerToken } = headline;
  return (
    `The placed design takes ${percent(logicCells.used / logicCells.available)} of the logic cells, and reaches ` +
    `${withUnit(reachedMHz.toFixed(1), "MHz")}. At the ${megahertz(askedMHz)} that are asked for, ` +
    `${withUnit(decimal(tokensPerSecond), "tokens/s")} are expected: ${withUnit(whole(cyclesPerToken), "cycles")} a token.`
  );
}

/** @param {BuildReportData} data @returns {Card[]} */
function cards({ headline, criticalPath, seeds, groups, stages }) {
  const { tokensPerSecond, cyclesPerToken, reachedMHz, askedMHz, logicCells } = headline;
  const pathMHz = criticalPath === null ? Number.POSITIVE_INFINITY : 1000 / criticalPath.period;
  // A data sheet can ask for less than the paths allow.
  const isLimited = reachedMHz < 0.9999 * pathMHz;
  const files = stages.flatMap((stage) => stage.files);
  /** @type {Card[]} */
  const shown = [
    {
      name: "Speed",
      value: decimal(tokensPerSecond),
      unit: "tokens/s expected",
      details: [
        `${seconds(1 / tokensPerSecond)} a token`,
        `${whole(cyclesPerToken)} cycles a token, simulated`,
      ],
      origin: "simulated",
    },
    {
      name: "Clock",
      value: reachedMHz.toFixed(1),
      unit: "MHz reached",
      details: [
        `${megahertz(askedMHz)} asked: ${signedPercent(reachedMHz / askedMHz - 1)}`,
        seeds.length === 1 ? `seed ${headline.seed}` : `seed ${headline.seed}, the best of ${seeds.length}`,
        ...(isLimited ? [`limited by ${headline.limitedBy}`] : []),
      ],
      origin: "placed",
      alarm: reachedMHz < askedMHz,
    },
    {
      name: "Logic cells",
      value: whole(logicCells.used),
      unit: `of ${whole(logicCells.available)}`,
      details: [
        `${percent(logicCells.used / logicCells.available)} used`,
        `${whole(headline.luts)} LUT4s and ${whole(headline.flipFlops)} flip-flops after synthesis`,
      ],
      origin: "placed",
    },
  ];
  if (criticalPath !== null) {
    const { period, steps } = criticalPath;
    const [from = "", to = ""] = [steps[0], steps.at(-1)].map((step) => groups[step?.group ?? -1]?.name);
    shown.push({
      name: "Critical path",
      value: period.toFixed(1),
      unit: "ns",
      details: [
        `of ${withUnit((1000 / askedMHz).toFixed(1), "ns")} between clock edges`,
        from === to ? `within ${from}` : `from ${from} to ${to}`,
      ],
      origin: "placed",
    });
  }
  for (const [name, file, size] of /** @type {const} */ ([
    ["Bitstream", "bitstream.bin", headline.bitstreamBytes],
    ["Flash", "flash.bin", headline.flashBytes],
  ])) {
    const [value = "", unit = ""] = si(size, "B").split("\u00a0");
    const found = files.find((one) => one.name === file);
    const hash = found === undefined ? [] : [`SHA-256 ${shortHash(found.sha256)}`];
    shown.push({ name, value, unit, details: [`${file}, ${whole(size)} bytes`, ...hash], origin: "" });
  }
  return shown;
}
