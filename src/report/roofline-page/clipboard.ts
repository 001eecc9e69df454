import { element } from "../page/dom.js";

const SHOWN_MS = 1600;

/**
 * A button that copies a text. Where the browser does not let a page copy, the text appears selected beneath, for the
 * keyboard to copy.
 */
export function copyButton(title: string, label: string, text: () => string): HTMLElement {
  const button = element("button", { type: "button", "aria-label": label }, title);
  const said = element("span", { class: "said", role: "status" });
  const area = element("textarea", { readonly: "", rows: "6", "aria-label": label, hidden: "" });
  button.addEventListener("click", async () => {
    area.hidden = true;
    if (await copied(text())) {
      said.textContent = "Copied";
      setTimeout(() => {
        said.textContent = "";
      }, SHOWN_MS);
      return;
    }
    said.textContent = "Copy it from here:";
    area.value = text();
    area.hidden = false;
    area.focus();
    area.select();
  });
  return element("div", { class: "buttons copy screen-only" }, button, said, area);
}

async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
