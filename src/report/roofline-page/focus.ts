/**
 * Puts new children in the place of old ones. Whoever has the keyboard's focus among them and a `data-key` hands it to
 * the new one of the same key.
 */
export function replaceChildren(parent: Element, ...children: readonly (Node | string)[]): void {
  const { activeElement } = document;
  const key =
    activeElement instanceof Element && parent.contains(activeElement)
      ? activeElement.getAttribute("data-key")
      : null;
  parent.replaceChildren(...children);
  if (key === null) return;
  const again = parent.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (again instanceof HTMLElement || again instanceof SVGElement) again.focus({ preventScroll: true });
}
