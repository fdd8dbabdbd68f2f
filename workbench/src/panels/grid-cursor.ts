/** A cursor that walks over a grid by keyboard, the same on every grid of the workbench. */

export interface GridSize {
  readonly rows: number;
  readonly columns: number;
}

/** The parts of a KeyboardEvent that matter here. */
export interface Key {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/**
 * The cell, row by row, that a key leads to from `cell`; undefined for keys that do not move. Arrows stop at the edges, Home
 * and End go to the ends of a row, with Ctrl to the first and last cell.
 */
export function moved(
  cell: number,
  { key, ctrlKey, metaKey, altKey }: Key,
  { rows, columns }: GridSize,
): number | undefined {
  if (altKey || metaKey) return undefined;
  const row = Math.floor(cell / columns);
  const column = cell % columns;
  const last = rows * columns - 1;
  if (ctrlKey) return key === "Home" ? 0 : key === "End" ? last : undefined;
  switch (key) {
    case "ArrowLeft":
      return column > 0 ? cell - 1 : cell;
    case "ArrowRight":
      return column < columns - 1 && cell < last ? cell + 1 : cell;
    case "ArrowUp":
      return row > 0 ? cell - columns : cell;
    case "ArrowDown":
      return cell + columns <= last ? cell + columns : cell;
    case "Home":
      return row * columns;
    case "End":
      return Math.min(last, (row + 1) * columns - 1);
    default:
      return undefined;
  }
}

/** The cell under a point of a box that the grid fills; undefined outside. `x` and `y` are fractions of the box. */
export function cellAt(x: number, y: number, { rows, columns }: GridSize): number | undefined {
  if (!(x >= 0 && x < 1 && y >= 0 && y < 1)) return undefined;
  return Math.floor(y * rows) * columns + Math.floor(x * columns);
}
