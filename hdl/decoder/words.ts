/** Little-endian bytes as one number. */
export const wordOf = (bytes: Uint8Array): bigint =>
  bytes.reduceRight((word, byte) => (word << 8n) | BigInt(byte), 0n);

/** Bytes as words of so many of them, little-endian; the last one may have fewer. */
export const wordsOf = (bytes: Uint8Array, wordBytes: number): bigint[] =>
  Array.from({ length: Math.ceil(bytes.length / wordBytes) }, (_, i) =>
    wordOf(bytes.subarray(i * wordBytes, (i + 1) * wordBytes)),
  );
