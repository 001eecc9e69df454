/** @typedef {import("../page-data.ts").PageData} PageData */
/** @typedef {PageData["operators"][number]} Operator */

/** "layer 2 · q" @param {Operator} operator */
export function operatorTitle({ name, layer }) {
  return layer === null ? name : `layer ${layer} · ${name}`;
}

/** @param {Operator["bytes"]} bytes */
export function totalBytes({ weights, metadata, keysAndValues, activations = 0 }) {
  return weights + metadata + keysAndValues + activations;
}

/** Arithmetic intensity: operations per byte, 0 where no bytes move. @param {Pick<Operator, "operations" | "bytes">} operator */
export function intensity({ operations, bytes }) {
  const moved = totalBytes(bytes);
  return moved === 0 ? 0 : operations / moved;
}

/** Operations per second in the operator's own cycles. @param {Operator} operator @param {number} clockMHz */
export function achievedOpsPerSecond({ operations, cycles }, clockMHz) {
  return (operations / cycles) * clockMHz * 1e6;
}
