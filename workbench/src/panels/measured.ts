import type { Attachment } from "svelte/attachments";

type Tell = (width: number) => void;

const told = new WeakMap<Element, Tell>();

/** One for all elements: asked between changes, the browser would lay out the page each time. */
const observer = new ResizeObserver((entries) => {
  const widths = entries.map(({ target }) => [told.get(target), target.clientWidth] as const);
  for (const [tell, width] of widths) tell?.(width);
});

/**
 * Tells an element's width, padding included, once it has been laid out and whenever it changes. `bind:clientWidth` would ask at once, and
 * have the browser lay out the whole page for every element that does.
 */
export function measured(tell: Tell): Attachment {
  return (element) => {
    told.set(element, tell);
    observer.observe(element);
    return () => {
      observer.unobserve(element);
    };
  };
}
