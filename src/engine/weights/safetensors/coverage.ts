import { quote } from "../errors.js";
import * as errors from "./errors.js";

interface Range {
  readonly name: string;
  readonly begin: number;
  readonly end: number;
}

/**
 * Checks that `ranges` (sorted by begin, then end) tile `0..dataLength` without overlap or hole. Hidden bytes are a
 * place to smuggle a second file in, and shared bytes make an edit of one tensor change another.
 */
export function checkCoverage(ranges: readonly Range[], dataLength: number, file: string): void {
  let covered = 0;
  for (const { name, begin, end } of ranges) {
    const where = `${file}: tensor ${quote(name)}`;
    const got = `bytes ${begin}..${end}`;
    if (end > dataLength) {
      const expected = `within 0..${dataLength}`;
      const fix = "download it again, it may be cut short";
      throw new errors.SafetensorsOffsetsOutOfBoundsError({
        what: "tensor lies outside the data",
        where,
        got,
        expected,
        fix,
      });
    }
    if (begin < covered) {
      const expected = `a start at ${covered}`;
      throw new errors.SafetensorsOverlapError({ what: "tensor overlaps the one before it", where, got, expected });
    }
    if (begin > covered) {
      const expected = `a start at ${covered}`;
      throw new errors.SafetensorsHoleError({ what: "unused bytes before a tensor", where, got, expected });
    }
    covered = end;
  }
  if (covered !== dataLength) {
    throw new errors.SafetensorsUncoveredError({
      what: "unused bytes after the last tensor",
      where: file,
      got: `${dataLength} bytes of data`,
      expected: `${covered}`,
    });
  }
}
