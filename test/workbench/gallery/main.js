import { flushSync, mount } from "svelte";
import "../../../workbench/src/styles/base.css";
import "../../../workbench/src/styles/tokens.css";
import Gallery from "./Gallery.svelte";

mount(Gallery, { target: document.body });

/**
 * How many milliseconds moving a grid's cursor and laying the page out takes: the median of 31 times.
 * @param {string} label
 */
globalThis.stepTime = (label) => {
  const grid = document.querySelector(`[role="grid"][aria-label="${label}"]`);
  const times = Array.from({ length: 31 }, (_, i) => {
    const start = performance.now();
    grid.dispatchEvent(new KeyboardEvent("keydown", { key: i % 2 ? "ArrowDown" : "ArrowRight", bubbles: true }));
    flushSync();
    grid.getBoundingClientRect();
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[15];
};
