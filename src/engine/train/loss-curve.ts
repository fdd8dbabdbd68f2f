/** The loss over a run as a picture: one SVG without links to anywhere, readable on light and dark pages. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { escaped, round } from "../media/svg.js";
import { writeWhole } from "../weights/atomic-file.js";
import { type Axis, linearAxis, logAxis } from "./axis.js";
import { type MetricsRecord, parseMetrics } from "./metrics-log.js";
import { smoothed } from "./smooth.js";

export interface LossCurveOptions {
  /** Default "loss". */
  readonly title?: string;
  /** A key of the log's records; default "loss". */
  readonly metric?: string;
  /** Default "auto": logarithmic when the smoothed values span more than a factor of 10. */
  readonly scale?: "linear" | "log" | "auto";
}

interface Point {
  readonly step: number;
  readonly value: number;
}

const [WIDTH, HEIGHT] = [960, 480];
const FRAME = { left: 64, right: 84, top: 52, bottom: 44 };
/** More points than this are more than there are pixels: of each stretch only the extremes are drawn. */
const COLUMNS = WIDTH - FRAME.left - FRAME.right;

/** Reads `metrics.jsonl` in a run's folder and writes `loss.svg` beside it. */
export async function writeLossCurve(folder: string, options?: LossCurveOptions): Promise<void> {
  const records = parseMetrics(await readFile(join(folder, "metrics.jsonl"), "utf8"));
  await writeWhole(join(folder, "loss.svg"), lossCurve(records, options));
}

/** Every value thin, a moving average thick, evaluations of the same metric (if any) as dots. */
export function lossCurve(
  records: readonly MetricsRecord[],
  { title = "loss", metric = "loss", scale = "auto" }: LossCurveOptions = {},
): string {
  const raw = pointsOf(records, (record) => record[metric]);
  const checks = pointsOf(records, ({ evaluation }) => (evaluation as Record<string, unknown> | undefined)?.[metric]);
  const smooth = smoothed(raw.map(({ value }) => value)).map((value, i) => ({ step: raw[i]!.step, value }));
  if (raw.length === 0)
    return frame(title, `<text class="soft" x="${WIDTH / 2}" y="${HEIGHT / 2}">nothing logged yet</text>`);

  const values = [...raw, ...checks].map(({ value }) => value);
  const [low, high] = extent(values);
  const [smoothLow, smoothHigh] = extent(smooth.map(({ value }) => value));
  const isLog = low > 0 && (scale === "log" || (scale === "auto" && smoothHigh / smoothLow > 10));
  const y = (isLog ? logAxis : linearAxis)(low, high, HEIGHT - FRAME.bottom, FRAME.top);
  const x = linearAxis(raw[0]!.step, raw.at(-1)!.step, FRAME.left, WIDTH - FRAME.right, { tight: true, whole: true });
  const place = ({ step, value }: Point): string => `${round(x.place(step))},${round(y.place(value))}`;
  const line = (kind: string, points: readonly Point[]): string =>
    `<polyline class="${kind}" points="${thinned(points).map(place).join(" ")}"/>`;

  const last = smooth.at(-1)!;
  const dots = checks.map(({ step, value }) => {
    const label = `<title>evaluation at step ${step}: ${short(value)}</title>`;
    return `<circle class="check" cx="${round(x.place(step))}" cy="${round(y.place(value))}" r="3.5">${label}</circle>`;
  });
  const end = `<circle class="end" cx="${round(x.place(last.step))}" cy="${round(y.place(last.value))}" r="3"/>`;
  const endLabel = `<text class="value" x="${round(x.place(last.step) + 9)}" y="${round(y.place(last.value) + 4)}">${short(last.value)}</text>`;
  const body = [
    grid(x, y),
    line("raw", raw),
    line("smooth", smooth),
    ...dots,
    end,
    endLabel,
    legend(checks.length > 0, isLog),
  ];
  return frame(title, body.join("\n"));
}

function pointsOf(records: readonly MetricsRecord[], pick: (record: MetricsRecord) => unknown): Point[] {
  return records.flatMap((record) => {
    const value = pick(record);
    return typeof value === "number" && Number.isFinite(value) ? [{ step: record.step, value }] : [];
  });
}

/** The lowest and the highest of each column's points, in the order in which they come. */
function thinned(points: readonly Point[]): Point[] {
  if (points.length <= 2 * COLUMNS) return [...points];
  const perColumn = points.length / COLUMNS;
  return Array.from({ length: COLUMNS }, (_, i) => {
    const part = points.slice(Math.floor(i * perColumn), Math.floor((i + 1) * perColumn));
    const ordered = part.toSorted((a, b) => a.value - b.value);
    return [ordered[0]!, ordered.at(-1)!].sort((a, b) => a.step - b.step);
  }).flat();
}

function extent(values: readonly number[]): [number, number] {
  return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
}

function grid(x: Axis, y: Axis): string {
  const right = WIDTH - FRAME.right;
  const bottom = HEIGHT - FRAME.bottom;
  const rows = y.ticks.map(({ at, label }) => {
    const text = `<text class="soft row" x="${FRAME.left - 10}" y="${round(at + 4)}">${label}</text>`;
    return `<path class="grid" d="M${FRAME.left} ${round(at)}H${right}"/>${text}`;
  });
  const columns = x.ticks.map(
    ({ at, label }) =>
      `<path class="axis" d="M${round(at)} ${bottom}v5"/><text class="soft column" x="${round(at)}" y="${bottom + 20}">${label}</text>`,
  );
  const axis = `<path class="axis" d="M${FRAME.left} ${bottom}H${right}"/>`;
  const unit = `<text class="soft unit" x="${right + 28}" y="${bottom + 20}">step</text>`;
  return [...rows, ...columns, axis, unit].join("\n");
}

function legend(withChecks: boolean, isLog: boolean): string {
  const items = [
    `<path class="raw" d="M0 0h18"/><text class="soft" x="24" y="4">each</text>`,
    `<path class="smooth" d="M70 0h18"/><text class="soft" x="94" y="4">average</text>`,
    ...(withChecks
      ? [`<circle class="check" cx="169" r="3.5"/><text class="soft" x="179" y="4">evaluation</text>`]
      : []),
  ];
  const scale = isLog ? `<text class="soft" x="${withChecks ? 262 : 160}" y="4">log scale</text>` : "";
  const width = (withChecks ? 250 : 148) + (isLog ? 64 : 0);
  return `<g transform="translate(${WIDTH - FRAME.right - width} 30)">${items.join("")}${scale}</g>`;
}

// Colours are written out: viewers other than browsers know no CSS variables.
const STYLE = `
svg{font:12px system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif}
.page{fill:#fff}.title{font-size:16px;font-weight:600;fill:#1c2230}.soft{fill:#5d6678}
.row{text-anchor:end}.column{text-anchor:middle}.value{fill:#1f5fd6;font-weight:600}
.grid{stroke:#e3e7ef;stroke-width:1}.axis{stroke:#9aa3b3;stroke-width:1}
.raw,.smooth{fill:none;stroke-linejoin:round;stroke-linecap:round}
.raw{stroke:#b3c8f2;stroke-width:1}.smooth{stroke:#1f5fd6;stroke-width:2.5}
.check{fill:#d1580b;stroke:#fff;stroke-width:1.5}.end{fill:#1f5fd6}
@media (prefers-color-scheme:dark){
.page{fill:#12161e}.title{fill:#e8ecf4}.soft{fill:#9aa5b8}.value{fill:#7fb0ff}.grid{stroke:#262d3a}.axis{stroke:#5d6678}
.raw{stroke:#35548f}.smooth{stroke:#7fb0ff}.check{fill:#ffa25c;stroke:#12161e}.end{fill:#7fb0ff}}`;

function frame(title: string, body: string): string {
  const name = escaped(title);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${name}">
<style>${STYLE}</style>
<rect class="page" width="${WIDTH}" height="${HEIGHT}"/>
<text class="title" x="${FRAME.left}" y="34">${name}</text>
${body}
</svg>
`;
}

/** Four digits, as short as they go. */
function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
