import { byId, element } from "./dom.js";
import { whole, withUnit } from "./format.js";

/** The first 12 hex digits. @param {string} sha256 */
export function shortHash(sha256) {
  return sha256.slice(0, 12);
}

/** From the model to the flash, with the files of each step. @param {import("../build-data.ts").BuildReportData} data */
export function showStages({ stages }) {
  byId("stage-list").append(
    ...stages.map(({ name, by, about, files }) =>
      element(
        "li",
        {},
        element("span", { class: "what" }, name),
        element("span", { class: "by" }, about === "" ? by : `${by} · ${about}`),
        element("div", { class: "files" }, ...files.flatMap(fileCells)),
      ),
    ),
  );
}

/** @param {import("../build-data.ts").StageFile} file */
function fileCells({ name, bytes, sha256 }) {
  return [
    element("span", {}, name),
    element("span", { class: "number" }, withUnit(whole(bytes), "B")),
    element("code", { title: `SHA-256 ${sha256}` }, shortHash(sha256)),
  ];
}
