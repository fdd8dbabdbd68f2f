/** Are TextSpan's labels right? A head labelled with an attribute should tell it better than other heads do. */
import { bootstrapEstimates, type Estimate, spreadOfDraws } from "../../engine/tensor/bootstrap.js";
import { seeded } from "../../engine/train/seeds.js";
import { type Attribute, ATTRIBUTES } from "../../worlds/scenes/index.js";
import { type Claim, type ClaimRow, showEstimate } from "../claim.js";
import type { HeadSkill } from "./head-skills.js";

/** A head and what its texts were read as; a label that is no attribute of a single object's scene is not scored. */
export interface LabelledSkill extends HeadSkill {
  readonly label: string | undefined;
}

/** One repetition: other scenes, and another untrained model. */
export interface LabelRun {
  readonly trained: readonly LabelledSkill[];
  readonly untrained: readonly LabelledSkill[];
}

const DRAWS = 1000;
/** Labelled heads: of fewer, an interval tells nothing. */
const FEWEST = 5;

/** Throws a RangeError without runs. */
export function labelClaim(runs: readonly LabelRun[], seed: number): Claim {
  if (runs.length === 0) throw new RangeError("no runs");
  const random = seeded(seed, "labels");
  const trained = leadsOf(runs.map((run) => run.trained));
  const untrained = leadsOf(runs.map((run) => run.untrained));
  const dealt = Array.from({ length: DRAWS }, () => {
    // One order for all runs: these are of the same heads.
    const order = random.shuffled(runs[0]!.trained.map((_, i) => i));
    return averages(leadsOf(runs.map((run) => withDealtLabels(run.trained, order))).flat());
  });
  const rows: ClaimRow[] = [
    { name: "heads by their labels", kind: "method", figures: estimates(trained, seed) },
    { name: "labels dealt to other heads", kind: "control", figures: spread(dealt) },
    { name: "untrained model", kind: "control", figures: estimates(untrained, seed) },
  ];
  const [own, shuffled, random0] = rows.map(({ figures }) => figures[0]);
  const holds =
    own !== undefined &&
    trained.length >= FEWEST &&
    own.low > 0 &&
    own.low > (shuffled?.high ?? Infinity) &&
    own.low > (random0?.high ?? Infinity);
  const heads = runs.flatMap((run) => run.trained);
  const scored = heads.filter(({ label }) => isAttribute(label)).length;
  return {
    claim: "TextSpan labels are right: a head labelled with an attribute predicts it better than other heads do.",
    setting:
      `Heads of the last layers, labelled by their first texts; linear probes on their coordinates, fitted on some scenes of one object and ` +
      `tested on others. ${runs.length} runs on scenes of their own; ${scored} of ${heads.length} labels are attributes that a single object ` +
      `has. Intervals by resampling heads, each with all its runs; of dealt-out labels, the middle 95% of ${DRAWS} draws.`,
    criterion:
      "The lead in skill over the mean of all other heads is above 0, above that of dealt-out labels and of the untrained model, intervals apart.",
    holds,
    found: found(own, shuffled, { holds, asMuch: dealt.filter(([lead]) => lead! >= (own?.value ?? Infinity)).length }),
    tables: [
      {
        title: "How well a head's coordinates tell what it is labelled with (0: as a constant answer, 1: always right)",
        columns: [
          { name: "lead over other heads", unit: "points" },
          { name: "skill", unit: "percent" },
          { name: "other heads' skill", unit: "percent" },
          { name: "best head for its label", unit: "percent" },
        ],
        rows,
      },
      byAttribute(runs),
    ],
  };
}

/** Of one labelled head: its lead over the others' mean, its skill, their mean, and whether no other is better. */
type Lead = readonly [lead: number, skill: number, others: number, best: number];

/** By head: the leads of all runs in which it has a label. Runs of the same heads are not independent of one another. */
function leadsOf(models: readonly (readonly LabelledSkill[])[]): Lead[][] {
  const leads = models[0]!.map((_, i) =>
    models.flatMap((heads): Lead[] => {
      const head = heads[i]!;
      const { label } = head;
      if (!isAttribute(label)) return [];
      const own = head.skills[label];
      const others = heads.filter((other) => other !== head).map(({ skills }) => skills[label]);
      const mean = others.reduce((sum, skill) => sum + skill, 0) / others.length;
      return [[own - mean, own, mean, Number(others.every((skill) => skill <= own))]];
    }),
  );
  return leads.filter((ofHead) => ofHead.length > 0);
}

function isAttribute(label: string | undefined): label is Attribute {
  return (ATTRIBUTES as readonly (string | undefined)[]).includes(label);
}

function averages(leads: readonly Lead[]): number[] {
  return [0, 1, 2, 3].map((i) => leads.reduce((sum, lead) => sum + lead[i]!, 0) / leads.length);
}

function estimates(leads: readonly (readonly Lead[])[], seed: number): (Estimate | undefined)[] {
  if (leads.length === 0) return [undefined, undefined, undefined, undefined];
  return bootstrapEstimates(leads.length, (members) => averages(Array.from(members, (i) => leads[i]!).flat()), {
    seed,
  });
}

/** Over draws of a control: mean and middle 95%. */
function spread(draws: readonly (readonly number[])[]): (Estimate | undefined)[] {
  return draws[0]!.map((_, i) => {
    const drawn = draws.map((figures) => figures[i]!);
    return drawn.every(Number.isNaN) ? undefined : spreadOfDraws(drawn);
  });
}

function withDealtLabels(heads: readonly LabelledSkill[], order: readonly number[]): LabelledSkill[] {
  return heads.map((head, i) => ({ ...head, label: heads[order[i]!]!.label }));
}

function byAttribute(runs: readonly LabelRun[]): Claim["tables"][number] {
  const heads = runs.flatMap((run) => run.trained);
  const rows = ATTRIBUTES.map((attribute): ClaimRow => {
    const range = (list: readonly number[]): Estimate | undefined =>
      list.length === 0
        ? undefined
        : { value: list.reduce((a, b) => a + b, 0) / list.length, low: Math.min(...list), high: Math.max(...list) };
    const labelled = heads.filter(({ label }) => label === attribute).map(({ skills }) => skills[attribute]);
    const others = heads.filter(({ label }) => label !== attribute).map(({ skills }) => skills[attribute]);
    return {
      name: `${attribute} (${labelled.length} heads)`,
      kind: "method",
      figures: [range(labelled), range(others)],
    };
  });
  return {
    title: "Skill by attribute: mean, and the least and largest of the heads of all runs",
    columns: [
      { name: "heads labelled so", unit: "percent" },
      { name: "all other heads", unit: "percent" },
    ],
    rows,
  };
}

function found(
  own: Estimate | undefined,
  shuffled: Estimate | undefined,
  { holds, asMuch }: { readonly holds: boolean; readonly asMuch: number },
): string {
  if (own === undefined) return "No head is labelled with an attribute.";
  const lead = `Labelled heads lead by ${showEstimate(own, "points")} points`;
  const beside = `with labels dealt out by ${showEstimate(shuffled, "points")}; ${asMuch} of ${DRAWS} deals lead as much`;
  return `${lead}, ${beside}. ${holds ? "The labels say something." : "The intervals are not clear of one another."}`;
}
