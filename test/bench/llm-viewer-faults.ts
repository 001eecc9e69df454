import { markdownTable, short } from "../../src/cli/output.ts";
import { faults } from "../../src/roofline/llm-viewer/faults.ts";

/** The table of docs/roofline.md: LLM-Viewer's faults with their sizes. */
export function faultTable(): string {
  return markdownTable(
    [
      ["LLM-Viewer", "what is right", "case", "LLM-Viewer's", "right", "times"],
      ...faults().map(({ fault, right, of, unit, counted, rightful }) => [
        fault,
        right,
        of,
        `${short(counted)} ${unit}`,
        `${short(rightful)} ${unit}`,
        (counted / rightful).toFixed(2),
      ]),
    ],
    ["LLM-Viewer", "what is right", "case"],
  );
}

if (import.meta.url === `file://${process.argv[1]}`) process.stdout.write(`${faultTable()}\n`);
