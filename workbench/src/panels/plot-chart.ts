/** Charts by Observable Plot, which is loaded when the first one is drawn. */
import type * as Plot from "@observablehq/plot";
import { inTurn } from "../in-turn.js";
import type { BuildChart, ChartColours, ChartContext } from "./build-chart.js";
import type { Drawing } from "./drawing.js";

export interface ChartFrame {
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly label: string;
  readonly description: string;
}

export type Chart = (SVGSVGElement | HTMLElement) & Plot.Plot;

const ON_PAGE: ChartColours = { accent: "var(--accent)", control: "var(--ink-muted)", ink: "var(--ink)" };
const IN_FILES: ChartColours = { accent: "#4a3fb5", control: "#5a606c", ink: "#1b1e24" };

/** A chart for the page; it takes its text colour from there. */
export function chart(build: BuildChart, frame: ChartFrame, at?: number): Promise<Chart> {
  return plotted(build, frame, { colours: ON_PAGE, at });
}

/** A chart for export. */
export async function drawChart(build: BuildChart, frame: ChartFrame): Promise<Drawing> {
  const element = await plotted(build, frame, { colours: IN_FILES });
  element.setAttribute("color", IN_FILES.ink);
  return { width: frame.width, height: frame.height, body: new XMLSerializer().serializeToString(element) };
}

async function plotted(
  build: BuildChart,
  { width, height, label, description }: ChartFrame,
  context: ChartContext,
): Promise<Chart> {
  const plot = await import("@observablehq/plot");
  await inTurn();
  const options = build(plot, context);
  const element = plot.plot({ width, height, ariaLabel: label, ariaDescription: description, ...options });
  // The page's content policy allows no styles written in it; PlotChart.svelte has those that matter.
  element.querySelectorAll("style").forEach((style) => {
    style.remove();
  });
  // Its parts are named "rect" and "line", which helps nobody; the chart is one picture.
  element.setAttribute("role", "img");
  element.querySelectorAll("g[aria-label]").forEach((part) => {
    part.removeAttribute("aria-label");
  });
  return element;
}
