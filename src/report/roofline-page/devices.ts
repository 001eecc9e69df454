import type { RooflineDevice } from "../../roofline/predict/roofline-device.ts";
import { byId, element } from "../page/dom.js";
import { percent, seconds, siShort } from "../page/format.js";
import { type Column, dataTable } from "./data-table.ts";
import { figureText } from "./numbers.ts";
import type { Draw } from "./shown.ts";

/** What the figures rest on: the devices that are compared, with the bandwidth that is assumed. */
export function showDevices(): Draw {
  const draw = dataTable<RooflineDevice>(byId("devices-table"), "the devices");
  return ({ data, entries }) => {
    const byName = new Map(entries.map(({ outcome }) => [outcome.device.name, outcome.device]));
    draw(COLUMNS, [...byName.values()]);
    byId("notes").replaceChildren(
      ...[...byName.values()].map(({ title, kernel }) =>
        element("li", {}, element("b", {}, `${title}: `), kernel.origin),
      ),
      ...data.notes.map((note) => element("li", {}, note)),
    );
  };
}

const lines = (texts: readonly string[]): Node[] =>
  texts.map((text) => element("span", { class: "line" }, text));

const peakTexts = ({ peaks }: RooflineDevice): string[] =>
  peaks.map(
    ({ numbers, operationsPerSecond, sparse24PerSecond }) =>
      `${siShort(operationsPerSecond, "op/s")} ${numbers}` +
      (sparse24PerSecond === null ? "" : ` (${siShort(sparse24PerSecond, "op/s")} 2:4)`),
  );

const memoryTexts = ({ memories }: RooflineDevice): string[] =>
  memories.map(
    ({ name, bytes, bytesPerSecond, writable }) =>
      `${name}: ${siShort(bytes, "B")}, ${siShort(bytesPerSecond, "B/s")}${writable ? "" : ", read only"}`,
  );

const COLUMNS: readonly Column<RooflineDevice>[] = [
  {
    title: "device",
    value: ({ title }) => title,
    show: ({ title }) => title,
    csv: [
      ["device", ({ name }) => name],
      ["title", ({ title }) => title],
    ],
  },
  {
    title: "peaks",
    value: ({ peaks }) => peaks[0]?.operationsPerSecond ?? null,
    show: (device) => lines(peakTexts(device)),
    csv: [["peaks", (device) => peakTexts(device).join("; ")]],
  },
  {
    title: "memories",
    value: ({ memories }) => memories[0]?.bytesPerSecond ?? null,
    show: (device) => lines(memoryTexts(device)),
    csv: [
      ["memories", (device) => memoryTexts(device).join("; ")],
      ["bandwidth of weights [B/s]", ({ memories }) => memories[0]?.bytesPerSecond ?? null],
    ],
  },
  {
    title: "on the chip",
    value: ({ onChip }) => onChip.bytes,
    show: ({ onChip }) => `${siShort(onChip.bytes, "B")} ${onChip.kind}`,
    csv: [["on the chip [B]", ({ onChip }) => onChip.bytes]],
  },
  {
    title: "kernels reach",
    value: ({ kernel }) => kernel.memoryShare,
    show: ({ kernel }) =>
      lines([
        `${percent(kernel.memoryShare)} of the memory`,
        `${percent(kernel.computeShare)} of the peak`,
        kernel.t0Seconds === 0 ? "no launch" : `launch ${seconds(kernel.t0Seconds)}`,
      ]),
    csv: [
      ["share of memory", ({ kernel }) => kernel.memoryShare],
      ["share of peak", ({ kernel }) => kernel.computeShare],
      ["launch [s]", ({ kernel }) => kernel.t0Seconds],
      ["overlap p", ({ kernel }) => kernel.p],
    ],
  },
  {
    title: "±",
    value: ({ kernel }) => kernel.uncertainty,
    show: ({ kernel }) => percent(kernel.uncertainty),
    csv: [
      ["±", ({ kernel }) => kernel.uncertainty],
      ["where the constants come from", ({ kernel }) => kernel.origin],
    ],
  },
  {
    title: "board",
    value: ({ boardWatts }) => boardWatts,
    show: ({ boardWatts, idleWatts, activeWatts, priceUsd }) =>
      lines([
        ...(boardWatts === null ? [] : [figureText(boardWatts, "W")]),
        `idle ${figureText(idleWatts, "W")}`,
        ...(activeWatts === 0 ? [] : [`at work ${figureText(activeWatts, "W")} more`]),
        priceUsd === null ? "price not known" : siShort(priceUsd, "$"),
      ]),
    csv: [
      ["board [W]", ({ boardWatts }) => boardWatts],
      ["idle [W]", ({ idleWatts }) => idleWatts],
      ["more at work [W]", ({ activeWatts }) => activeWatts],
      ["price [$]", ({ priceUsd }) => priceUsd],
    ],
  },
];
