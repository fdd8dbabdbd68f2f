/** How a neuron's effects are spread over the sample set, drawn by Observable Plot. */
import * as Plot from "@observablehq/plot";

export interface HistogramSize {
  readonly width: number;
  readonly height: number;
}

/** An SVG without style of its own, which the page's policy would refuse, and without names of its parts, which say nothing. */
export function effectHistogram(
  lengths: Float32Array,
  threshold: number,
  picture: number | undefined,
  { width, height }: HistogramSize,
): SVGSVGElement {
  const plot = Plot.plot({
    width,
    height,
    marginLeft: 44,
    marginBottom: 38,
    x: { label: "length of the effect, less its mean", nice: true, ticks: 5 },
    y: { label: "scenes", grid: true, ticks: 4, tickFormat: "d" },
    marks: [
      Plot.rectY(lengths, {
        ...Plot.binX({ y: "count" }, { x: (value: number) => value, thresholds: 30 }),
        insetLeft: 0.5,
        insetRight: 0.5,
        className: "bars",
      }),
      Plot.ruleY([0]),
      Plot.ruleX([threshold], { strokeWidth: 1.5, strokeDasharray: "4 3" }),
      Plot.text([threshold], {
        x: (value: number) => value,
        frameAnchor: "top",
        text: () => "threshold",
        textAnchor: "start",
        dx: 4,
        dy: 2,
      }),
      ...(picture === undefined ? [] : [Plot.ruleX([picture], { strokeWidth: 3, className: "picture" })]),
    ],
  }) as SVGSVGElement;
  for (const style of plot.querySelectorAll("style")) style.remove();
  for (const part of plot.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label");
  return plot;
}
