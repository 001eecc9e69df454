/** Where the requests of a stream go. Sizes in bytes. */
export type AccessPattern =
  /** One after the other. */
  | { readonly kind: "seq" }
  /** One request every so many bytes; each pass over the memory begins one request later than the one before. */
  | { readonly kind: "stride"; readonly bytes: number }
  /** One request anywhere. */
  | { readonly kind: "random" }
  /** So many bytes in sequence, at random places that are aligned to them. */
  | { readonly kind: "chunk"; readonly bytes: number }
  /**
   * So many sequential streams in turn, each `burstBytes` at a time. They begin at equal parts of the memory,
   * each `skewBytes` later than that: without a skew all streams meet in one bank.
   */
  | {
      readonly kind: "streams";
      readonly streams: number;
      readonly burstBytes: number;
      readonly skewBytes: number;
    };

/** A sequence of numbers from 0 up to 1, the same each time (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * The places of a pattern's requests, in their order.
 * @param blocks places of a memory, a power of two
 * @param blockBytes bytes of one request
 */
export function placesOf(
  pattern: AccessPattern,
  blocks: number,
  blockBytes: number,
  seed: number,
): () => number {
  const random = randomNumbers(seed);
  let index = 0;
  switch (pattern.kind) {
    case "seq":
      return () => index++ % blocks;
    case "stride":
      return () => {
        const place = Math.floor((index++ * pattern.bytes) / blockBytes);
        return (place + Math.floor(place / blocks)) % blocks;
      };
    case "random":
      return () => Math.floor(random() * blocks);
    case "chunk": {
      const each = Math.max(1, Math.floor(pattern.bytes / blockBytes));
      const chunks = Math.max(1, Math.floor(blocks / each));
      let base = 0;
      return () => {
        const within = index++ % each;
        if (within === 0) base = Math.floor(random() * chunks) * each;
        return base + within;
      };
    }
    case "streams": {
      const { streams } = pattern;
      const each = Math.max(1, Math.floor(pattern.burstBytes / blockBytes));
      const apart = Math.floor(blocks / streams) + Math.floor(pattern.skewBytes / blockBytes);
      return () => {
        const burst = Math.floor(index / each);
        const within = index++ % each;
        const stream = burst % streams;
        return (stream * apart + Math.floor(burst / streams) * each + within) % blocks;
      };
    }
  }
}
