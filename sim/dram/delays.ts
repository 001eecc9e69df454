import type { DramConfig } from "./config.ts";

/** Clocks between a command and a later one, by where the later one goes. */
interface Reach {
  readonly sameGroup: number;
  readonly otherGroup: number;
  readonly otherRank: number;
}

/** The least clocks from one command to another that the timing allows. */
export interface Delays {
  readonly readToRead: Reach;
  readonly readToWrite: Reach;
  readonly writeToRead: Reach;
  readonly writeToWrite: Reach;
  readonly activateToActivate: Omit<Reach, "otherRank">;
  /** Within one bank. */
  readonly activateToRead: number;
  readonly activateToWrite: number;
  readonly activateToPrecharge: number;
  readonly activateAgain: number;
  readonly readToPrecharge: number;
  readonly writeToPrecharge: number;
  readonly prechargeToActivate: number;
  /** Within one rank. */
  readonly prechargeToPrecharge: number;
  readonly refreshToActivate: number;
  /** From a read command to its last data. */
  readonly readToData: number;
}

/**
 * JEDEC's parameters as distances between commands, in the way of DRAMsim3: a read that turns to a write leaves tRTRS on
 * the data bus, a write that turns to a read tWTR after its data. Where a part has one bank group, the short distances hold.
 */
export function delaysOf({ timing, burstClocks, bankGroups }: DramConfig): Delays {
  const { al, cl, cwl, ccdS, ccdL, rrdS, rrdL, wtrS, wtrL, wr, rtp, rp, ras, rtrs } = timing;
  const readData = al + cl + burstClocks;
  const writeData = al + cwl + burstClocks;
  const oneGroup = bankGroups === 1;
  const columns = {
    sameGroup: Math.max(burstClocks, oneGroup ? ccdS : ccdL),
    otherGroup: Math.max(burstClocks, ccdS),
  };
  const turnToWrite = readData - (al + cwl) + rtrs;
  return {
    readToRead: { ...columns, otherRank: burstClocks + rtrs },
    readToWrite: {
      sameGroup: turnToWrite,
      otherGroup: turnToWrite,
      otherRank: readData + burstClocks + rtrs - writeData,
    },
    writeToRead: {
      sameGroup: writeData + (oneGroup ? wtrS : wtrL),
      otherGroup: writeData + wtrS,
      otherRank: writeData + burstClocks + rtrs - readData,
    },
    writeToWrite: { ...columns, otherRank: burstClocks },
    activateToActivate: { sameGroup: oneGroup ? rrdS : rrdL, otherGroup: rrdS },
    activateToRead: timing.rcdRead - al,
    activateToWrite: timing.rcdWrite - al,
    activateToPrecharge: ras,
    activateAgain: ras + rp,
    readToPrecharge: al + rtp,
    writeToPrecharge: writeData + wr,
    prechargeToActivate: rp,
    prechargeToPrecharge: timing.ppd,
    refreshToActivate: timing.rfc,
    readToData: readData,
  };
}
