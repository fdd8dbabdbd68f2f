/** A mask as the lengths of its runs, row by row: of zeros, of ones, of zeros, … */
export function runLengths(mask: Uint8Array): number[] {
  const runs: number[] = [];
  let [value, length] = [0, 0];
  for (const one of mask) {
    if (one !== value) {
      runs.push(length);
      [value, length] = [one, 0];
    }
    length++;
  }
  return [...runs, length];
}
