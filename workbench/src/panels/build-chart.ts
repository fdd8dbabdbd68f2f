/** What a chart by Observable Plot is made of, whether for the page or for a file. */
import type * as Plot from "@observablehq/plot";

/** Colours of a chart's parts: CSS variables on the page, fixed ones in exports. */
export interface ChartColours {
  readonly accent: string;
  readonly control: string;
  readonly ink: string;
}

export interface ChartContext {
  readonly colours: ChartColours;
  /** The point under the cursor. */
  readonly at?: number | undefined;
}

export type BuildChart = (plot: typeof Plot, context: ChartContext) => Plot.PlotOptions;
