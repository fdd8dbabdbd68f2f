/** The claim about segmentation, from the figures of `evaluateSegmentation`. */
import { type Claim, type ClaimRow, showEstimate } from "../claim.js";
import type { SegmentationEvaluation } from "./evaluate-segmentation.js";
import type { MethodFigures } from "./segmentation-figures.js";

export function segmentationClaim({
  scenes,
  seed,
  objects,
  rows,
  recognised,
  foreground,
}: SegmentationEvaluation): Claim {
  const others = rows.slice(1);
  const baselines = ["raw attention", "attention rollout", "GradCAM"].map((name) => named(others, name));
  const beaten = baselines.filter(({ lead }) => lead.meanIoU.low > 0);
  const holds = others.every(({ lead }) => lead.meanIoU.low > 0);
  return {
    claim: "Where patches speak for a text segments the thing better than raw attention, rollout and GradCAM do.",
    setting: `${scenes} scenes of ${objects[0]} to ${objects[1]} objects (seed ${seed}), exact masks; maps for a shape that is in the scene, against all other shapes; ${percent(recognised)} of the scenes are nearest to that shape, ${percent(foreground)} of the pixels are its. Intervals by resampling scenes.`,
    criterion: "The lead in mean IoU over every other map, baselines and controls, is above 0 with its whole interval.",
    holds,
    found: `mIoU ${showEstimate(rows[0]!.figures.meanIoU, "percent")}; ahead of ${beaten.length} of ${baselines.length} baselines: ${baselines.map(({ method, lead }) => `${method} by ${showEstimate(lead.meanIoU, "points")}`).join(", ")}. In mAP, by ${baselines.map(({ method, lead }) => `${showEstimate(lead.meanAveragePrecision, "points")} (${method})`).join(", ")}.`,
    tables: [
      {
        title: "Segmentation by map (foreground: over the map's mean)",
        columns: [
          { name: "pixel accuracy", unit: "percent" },
          { name: "mIoU", unit: "percent" },
          { name: "mAP", unit: "percent" },
          { name: "right thing", unit: "percent" },
          { name: "lead in mIoU", unit: "points" },
          { name: "lead in mAP", unit: "points" },
        ],
        rows: rows.map(rowOf),
      },
    ],
  };
}

function rowOf({ method, kind, figures, lead, pointing }: MethodFigures, i: number): ClaimRow {
  const leads = i === 0 ? [undefined, undefined] : [lead.meanIoU, lead.meanAveragePrecision];
  const { pixelAccuracy, meanIoU, meanAveragePrecision } = figures;
  return { name: method, kind, figures: [pixelAccuracy, meanIoU, meanAveragePrecision, pointing, ...leads] };
}

function named(rows: readonly MethodFigures[], name: string): MethodFigures {
  const row = rows.find(({ method }) => method === name);
  if (row === undefined) throw new RangeError(`no figures of ${name}`);
  return row;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;
