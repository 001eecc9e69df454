/** Colours live in theme.css alone, once for light and once for dark; canvases read them from there. */

/** How many colours of each family can be told apart, also with the common kinds of colour blindness (Okabe and Ito). */
const SERIES = 7;
const CAUSES = 8;

/** Name of the colour of the category of this index; the ones beyond share a grey. @param {number} index */
export function seriesColour(index) {
  return index < SERIES ? `series-${index + 1}` : "series-other";
}

/** Quieter colours for what holds a unit up, so that its work stands out. @param {number} index */
export function causeColour(index) {
  return index < CAUSES ? `cause-${index + 1}` : "cause-other";
}

/** The colour's value in the present theme, for a canvas. @param {string} name */
export function paint(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** The page's font, for a canvas. @param {number} size in px @param {string} [weight] */
export function canvasFont(size, weight = "400") {
  return `${weight} ${size}px ${paint("font")}`;
}

/**
 * Calls `redraw` when a canvas no longer fits its surroundings: the theme changed, or the page goes to paper (light
 * colours, the width of a sheet) and comes back.
 * @param {(forPaper: boolean) => void} redraw
 */
export function onThemeChange(redraw) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => redraw(false));
  addEventListener("beforeprint", () => {
    document.documentElement.classList.add("paper");
    redraw(true);
  });
  addEventListener("afterprint", () => {
    document.documentElement.classList.remove("paper");
    redraw(false);
  });
}

/** Width in CSS px of a canvas on paper: fits the narrower of A4 and Letter within the margins. */
export const PAPER_WIDTH = 684;
/** Pixels of a CSS px on paper. A power of two: Chromium rounds the scale of a printed canvas down to 1/64. */
export const PAPER_SCALE = 2;
