import type { Attachment } from "svelte/attachments";

/**
 * Tells an element's width, padding included, once it has been laid out and whenever it changes. `bind:clientWidth` would ask at once, and
 * have the browser lay out the whole page for every element that does.
 */
export function measured(tell: (width: number) => void): Attachment {
  return (element) => {
    const observer = new ResizeObserver(() => {
      tell(element.clientWidth);
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  };
}
