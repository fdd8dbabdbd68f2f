/** Which rows of a tensor have been written, as sorted, disjoint, merged half-open ranges. */
export class WrittenRows {
  private readonly ranges: [start: number, end: number][] = [];

  /** Adds `start..end`; returns false, and adds nothing, when some of it is there already. */
  add(start: number, end: number): boolean {
    if (start === end) return true;
    let i = this.ranges.length;
    // Blocks mostly arrive in order, so the place is found from the back.
    while (i > 0 && this.ranges[i - 1]![0] >= end) i--;
    const before = this.ranges[i - 1];
    if (before !== undefined && before[1] > start) return false;
    const after = this.ranges[i];
    const joinsBefore = before?.[1] === start;
    const joinsAfter = after?.[0] === end;
    const merged: [number, number] = [joinsBefore ? before[0] : start, joinsAfter ? after[1] : end];
    this.ranges.splice(joinsBefore ? i - 1 : i, Number(joinsBefore) + Number(joinsAfter), merged);
    return true;
  }

  /** The first row of `0..count` that was not written; `count` when all were. */
  firstMissing(count: number): number {
    const first = this.ranges[0];
    return first?.[0] === 0 ? Math.min(first[1], count) : 0;
  }
}
