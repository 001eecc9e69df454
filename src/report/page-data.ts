import type { ReportData, SpanKind, Timeline } from "./data.ts";

/** What the page's script is given: the report's data with the timeline packed. */
export type PageData = Omit<ReportData, "timeline"> & { readonly timeline: PackedTimeline };

/**
 * The timeline as the page stores it: every text once, five integers a span. About 12 bytes a span where plain
 * objects take 80, so that 20,000 spans fit into a file that can be mailed.
 */
export interface PackedTimeline {
  readonly position: number;
  readonly cycles: number;
  readonly kinds: readonly SpanKind[];
  /** Labels and causes; the first is the empty text. */
  readonly words: readonly string[];
  /** Flat: cycles since the end of the span before, length, kind, label, cause; the last three index the lists above. */
  readonly tracks: readonly { readonly unit: string; readonly spans: readonly number[] }[];
}

const SPAN_KINDS: readonly SpanKind[] = ["busy", "stall", "wait"];

/** @throws RangeError where the spans of a track are not integers, ordered and apart: they would be drawn wrong */
export function toPageData(data: ReportData): PageData {
  return { ...data, timeline: packTimeline(data.timeline) };
}

function packTimeline(timeline: Timeline): PackedTimeline {
  const indexOf = new Map<string, number>([["", 0]]);
  const intern = (word: string): number => {
    const index = indexOf.get(word) ?? indexOf.size;
    indexOf.set(word, index);
    return index;
  };

  const tracks = timeline.tracks.map(({ unit, spans }) => {
    const packed: number[] = [];
    let previousEnd = 0;
    for (const { start, end, label, kind, cause } of spans) {
      if (!Number.isInteger(start) || !Number.isInteger(end) || start < previousEnd || end < start) {
        throw new RangeError(
          `timeline of ${unit}: "${label}" spans cycles ${start} to ${end} after one that ended at ${previousEnd}`,
        );
      }
      packed.push(
        start - previousEnd,
        end - start,
        SPAN_KINDS.indexOf(kind),
        intern(label),
        intern(cause ?? ""),
      );
      previousEnd = end;
    }
    return { unit, spans: packed };
  });
  return {
    position: timeline.position,
    cycles: timeline.cycles,
    kinds: SPAN_KINDS,
    words: [...indexOf.keys()],
    tracks,
  };
}
