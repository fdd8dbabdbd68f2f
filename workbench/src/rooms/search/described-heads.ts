/** What heads are about, in the order of their numbers. */
import type { HeadWords } from "vitrine/jobs";

export interface DescribedHead {
  /** What most of its texts speak of, where enough of them do. */
  readonly label: string | undefined;
  /** The text that tells most. */
  readonly text: string | undefined;
}

/** Texts that must agree before a head is called by its label; as `vitrine interpret neighbours` has it. */
const AGREE = 2;

/** By cell: layer · heads + head. */
export function describedHeads(words: HeadWords | undefined, perLayer: number): ReadonlyMap<number, DescribedHead> {
  const all = (words?.heads ?? []).map(({ layer, head, label, texts }) => {
    const sure = label !== undefined && texts.filter(({ agrees }) => agrees).length >= AGREE;
    const described = { label: sure ? label.property : undefined, text: texts[0]?.text };
    return [layer * perLayer + head, described] as const;
  });
  return new Map(all);
}

/** Properties and the heads that are about them, those of most heads first. */
export function headsByProperty(
  heads: ReadonlyMap<number, DescribedHead>,
): readonly (readonly [property: string, cells: readonly number[]])[] {
  const properties = [...new Set([...heads.values()].flatMap(({ label }) => label ?? []))];
  return properties
    .map((property) => {
      const cells = [...heads].filter(([, { label }]) => label === property).map(([cell]) => cell);
      return [property, cells] as const;
    })
    .sort((a, b) => b[1].length - a[1].length || a[0].localeCompare(b[0]));
}
