/**
 * Whether a caption with words erased stands, by what the model believes of each thing that the captions name, mention by mention: it names
 * fewer things that are believed in less than the threshold, and no more things in all. Else erasing has brought another hallucination in, or
 * the model no longer knows what to say, and the caption before it stays.
 */
export function stands(before: readonly number[], after: readonly number[], threshold: number): boolean {
  const doubted = (beliefs: readonly number[]): number => beliefs.filter((belief) => belief < threshold).length;
  return after.length <= before.length && doubted(after) < doubted(before);
}
